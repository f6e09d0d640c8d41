/** Certificates for tests, made when they are needed: of an authority, and of a server that it vouches for. */
import "reflect-metadata"; // which @peculiar/x509 needs to be there before it
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 24 * 60 * 60 * 1000;

/** In PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** In PEM. */
  readonly certificate: string;
  /** A certificate for a host name, valid for so many days from yesterday. */
  issue(host: string, days?: number): Promise<ServerCertificate>;
}

export async function createAuthority(): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const name = `CN=Authority ${randomBytes(4).toString("hex")}`;
  const own = await X509CertificateGenerator.createSelfSigned({
    ...validity(30),
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  return {
    certificate: own.toString("pem"),
    async issue(host, days = 30) {
      const { publicKey, privateKey } = await webcrypto.subtle.generateKey(algorithm, true, [
        "sign",
        "verify",
      ]);
      const certificate = await X509CertificateGenerator.create({
        ...validity(days),
        subject: "CN=server",
        issuer: name,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return {
        certificate: certificate.toString("pem"),
        key: PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY"),
      };
    },
  };
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - day);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * day) };
}
