"""What pytorch.ts asks of PyTorch: one request a line, one answer a line, in JSON."""

import base64
import json
import math
import os
import re
import sys
import time

for library in ("OMP", "OPENBLAS", "MKL"):  # before they are loaded
    os.environ[f"{library}_NUM_THREADS"] = "1"

import torch

from navigation import meta_iteration

torch.set_num_threads(1)


def tensor(given):
    flat = torch.frombuffer(bytearray(base64.b64decode(given["values"])), dtype=torch.float32)
    return flat.reshape(given["shape"]).clone()


def loss(parameters, x, a, advantages):
    *layers, log_std = parameters
    h = x
    for i in range(0, len(layers), 2):
        z = torch.addmm(layers[i + 1], h, layers[i])
        h = z if i + 2 == len(layers) else torch.tanh(z)
    z = (a - h) / torch.exp(log_std)
    log_probability = (-0.5 * z.square() - (log_std + 0.5 * math.log(2 * math.pi))).sum(1)
    return -(log_probability * advantages).mean()


def policy_loss(task, parameters, direction, x, a, advantages):
    """What one call computes: a function without arguments that gives a list of tensors."""
    if task == "forward":
        def forward():
            with torch.no_grad():
                return [loss(parameters, x, a, advantages)]

        return forward

    p = [one.requires_grad_() for one in parameters]

    def gradient():
        value = loss(p, x, a, advantages)
        return [value, *torch.autograd.grad(value, p)]

    def hessian_vector_product():
        first = torch.autograd.grad(loss(p, x, a, advantages), p, create_graph=True)
        along = sum((g * v).sum() for g, v in zip(first, direction))
        return list(torch.autograd.grad(along, p))

    return gradient if task == "gradient" else hessian_vector_product


def prepare(request):
    tensors = [tensor(one) for one in request["tensors"]]
    if request["task"] == "matmul":
        a, b = tensors
        return lambda: [a @ b]
    if request["task"] in ("maml", "sgmrl"):
        return meta_iteration(request["task"], *tensors)
    count = (len(tensors) - 3) // 2
    return policy_loss(request["task"], tensors[:count], tensors[count : 2 * count], *tensors[2 * count :])


def turn(run, at_least):
    """Calls for so many milliseconds: processor time of a call, the shortest by the wall clock, their number."""
    processor, start = time.process_time(), time.perf_counter()
    calls, fastest, last = 0, math.inf, start
    while True:
        [one.detach().numpy() for one in run()]
        now = time.perf_counter()
        fastest, last, calls = min(fastest, now - last), now, calls + 1
        if 1000 * (last - start) >= at_least:
            break
    per_call = 1000 * (time.process_time() - processor) / calls
    return {"perCall": per_call, "fastest": 1000 * fastest, "calls": calls}


def blas():
    """Files of the linear algebra that is loaded, where the system tells (Linux)."""
    try:
        with open("/proc/self/maps") as maps:
            return sorted(set(re.findall(r"/\S*(?:blas|blis|mkl)\S*", maps.read())))
    except OSError:
        return []


print(json.dumps({"version": torch.__version__, "blas": blas()}), flush=True)
run = None
for line in sys.stdin:
    request = json.loads(line)
    if "task" in request:
        run = prepare(request)
        answer = [base64.b64encode(one.detach().numpy().tobytes()).decode() for one in run()]
    else:
        answer = turn(run, request["turn"])
    print(json.dumps(answer), flush=True)
