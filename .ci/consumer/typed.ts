import * as autodiff from "@sgmrl/autodiff";
import * as envs from "@sgmrl/envs";
import * as sgmrl from "sgmrl";

for (const module of [autodiff, envs, sgmrl]) console.log(Object.keys(module).length, "names");
