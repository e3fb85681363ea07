import {
  CreateSAMLProviderCommand,
  DeleteSAMLProviderCommand,
  DeleteServerCertificateCommand,
  GetAccountSummaryCommand,
  GetSAMLProviderCommand,
  GetServerCertificateCommand,
  ListSAMLProvidersCommand,
  ListSAMLProviderTagsCommand,
  ListServerCertificatesCommand,
  ListServerCertificateTagsCommand,
  SetSecurityTokenServicePreferencesCommand,
  TagSAMLProviderCommand,
  TagServerCertificateCommand,
  UntagSAMLProviderCommand,
  UntagServerCertificateCommand,
  UpdateSAMLProviderCommand,
  UpdateServerCertificateCommand,
  UploadServerCertificateCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { refusalOf, startIam, type TestIam } from "./testing.ts";
import {
  authority,
  certificate,
  otherCertificate,
  otherPrivateKey,
  privateKey,
} from "./testing-keys.ts";

const upload = (at: TestIam, changed: object = {}) =>
  at.iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: "web",
      Path: "/edge/",
      CertificateBody: certificate,
      PrivateKey: privateKey,
      CertificateChain: authority,
      Tags: [{ Key: "a", Value: "1" }],
      ...changed,
    }),
  );

describe("server certificates", () => {
  it("uploaded: told with its end, found by name and path, without its key", async () => {
    await using at = await startIam();
    const { ServerCertificateMetadata, Tags } = await upload(at);
    expect(ServerCertificateMetadata).toMatchObject({
      Arn: "arn:aws:iam::000000000000:server-certificate/edge/web",
      ServerCertificateId: expect.stringMatching(/^ASCA[A-Z2-7]{17}$/),
      Expiration: new Date("2125-01-01T00:00:00Z"),
    });
    expect(Tags).toEqual([{ Key: "a", Value: "1" }]);
    const { ServerCertificate } = await at.iam.send(
      new GetServerCertificateCommand({ ServerCertificateName: "web" }),
    );
    expect(ServerCertificate).toEqual({
      ServerCertificateMetadata,
      CertificateBody: certificate.trim(),
      CertificateChain: authority.trim(),
      Tags,
    });
    const list = async (PathPrefix: string) =>
      (await at.iam.send(new ListServerCertificatesCommand({ PathPrefix })))
        .ServerCertificateMetadataList;
    expect(await list("/edge/")).toEqual([ServerCertificateMetadata]);
    expect(await list("/other/")).toEqual([]);
    expect(await refusalOf(upload(at))).toBe(
      "EntityAlreadyExists: The Server Certificate with name web already exists.",
    );
  });

  it("renamed, tagged and deleted: the same certificate under its new name until it is gone", async () => {
    await using at = await startIam();
    const { ServerCertificateMetadata } = await upload(at);
    await at.iam.send(
      new UpdateServerCertificateCommand({
        ServerCertificateName: "web",
        NewServerCertificateName: "site",
        NewPath: "/",
      }),
    );
    const named = { ServerCertificateName: "site" };
    const { ServerCertificate } = await at.iam.send(new GetServerCertificateCommand(named));
    expect(ServerCertificate?.ServerCertificateMetadata).toMatchObject({
      Arn: "arn:aws:iam::000000000000:server-certificate/site",
      ServerCertificateId: ServerCertificateMetadata?.ServerCertificateId,
    });
    const Tags = [{ Key: "b", Value: "2" }];
    await at.iam.send(new TagServerCertificateCommand({ ...named, Tags }));
    await at.iam.send(new UntagServerCertificateCommand({ ...named, TagKeys: ["a"] }));
    expect((await at.iam.send(new ListServerCertificateTagsCommand(named))).Tags).toEqual(Tags);
    await at.iam.send(new DeleteServerCertificateCommand(named));
    for (const name of ["web", "site"]) {
      const get = new GetServerCertificateCommand({ ServerCertificateName: name });
      expect(await refusalOf(at.iam.send(get))).toBe(
        `NoSuchEntity: The Server Certificate with name ${name} cannot be found.`,
      );
    }
  });

  it.each([
    ["no certificate", { CertificateBody: "hello" }, "MalformedCertificate: Unable to parse"],
    ["two certificates", { CertificateBody: certificate + authority }, "MalformedCertificate: "],
    ["no key", { PrivateKey: "hello" }, "MalformedCertificate: Unable to parse private key"],
    ["another's key", { PrivateKey: otherPrivateKey }, "KeyPairMismatch: "],
    ["another's chain", { CertificateChain: otherCertificate }, "invalid certificate is: 0"],
    ["a chain that goes on wrongly", { CertificateChain: authority + otherCertificate }, "is: 1"],
  ])("%s: refused, and nothing is kept", async (_, changed, refusal) => {
    await using at = await startIam();
    expect(await refusalOf(upload(at, changed))).toContain(refusal);
    const { SummaryMap } = await at.iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ ServerCertificates: 0 });
  });

  it("more than an account may have: LimitExceeded; those there are, in pages", async () => {
    await using at = await startIam();
    for (let number = 0; number < 20; number++) {
      await upload(at, { ServerCertificateName: `web-${number}` });
    }
    expect(await refusalOf(upload(at))).toBe(
      "LimitExceeded: Cannot exceed quota for ServerCertificatesPerAccount: 20",
    );
    const list = (Marker?: string) =>
      at.iam.send(new ListServerCertificatesCommand({ MaxItems: 15, Marker }));
    const first = await list();
    const second = await list(first.Marker);
    const pages = [first, second].map((page) => page.ServerCertificateMetadataList?.length);
    expect(pages).toEqual([15, 5]);
    expect(second.IsTruncated).toBe(false);
  });
});

const encoded = certificate.replace(/-----[A-Z ]+-----|\s/g, "");
const metadataOf = (attributes: string, keys = `<X509Certificate>${encoded}</X509Certificate>`) =>
  `<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ` +
  `entityID="https://idp.example/" ${attributes}><IDPSSODescriptor>${keys}</IDPSSODescriptor>` +
  `<!-- ${"x".repeat(1000)} --></EntityDescriptor>`;

describe("SAML providers", () => {
  const Name = "people";
  const SAMLProviderArn = "arn:aws:iam::000000000000:saml-provider/people";
  const create = (at: TestIam, SAMLMetadataDocument = metadataOf("")) =>
    at.iam.send(new CreateSAMLProviderCommand({ Name, SAMLMetadataDocument }));

  it("made, changed, tagged and deleted: valid as its metadata says", async () => {
    await using at = await startIam();
    expect((await create(at)).SAMLProviderArn).toBe(SAMLProviderArn);
    expect(await refusalOf(create(at))).toContain("EntityAlreadyExists: ");
    const get = () => at.iam.send(new GetSAMLProviderCommand({ SAMLProviderArn }));
    expect(await get()).toMatchObject({
      SAMLMetadataDocument: metadataOf(""),
      ValidUntil: new Date("2125-01-01T00:00:00Z"),
    });
    const SAMLMetadataDocument = metadataOf('validUntil="2030-01-01T00:00:00Z"');
    await at.iam.send(new UpdateSAMLProviderCommand({ SAMLProviderArn, SAMLMetadataDocument }));
    const ValidUntil = new Date("2030-01-01T00:00:00Z");
    expect(await get()).toMatchObject({ SAMLMetadataDocument, ValidUntil });
    const { SAMLProviderList } = await at.iam.send(new ListSAMLProvidersCommand({}));
    expect(SAMLProviderList).toMatchObject([{ Arn: SAMLProviderArn, ValidUntil }]);
    const Tags = [{ Key: "a", Value: "1" }];
    const tags = async () =>
      (await at.iam.send(new ListSAMLProviderTagsCommand({ SAMLProviderArn }))).Tags;
    await at.iam.send(new TagSAMLProviderCommand({ SAMLProviderArn, Tags }));
    expect(await tags()).toEqual(Tags);
    await at.iam.send(new UntagSAMLProviderCommand({ SAMLProviderArn, TagKeys: ["a"] }));
    expect(await tags()).toEqual([]);
    const { SummaryMap } = await at.iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ Providers: 1 });
    await at.iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn }));
    expect(await refusalOf(get())).toBe(
      `NoSuchEntity: Manifest not found for arn ${SAMLProviderArn}`,
    );
  });

  it.each([
    ["no XML", "x".repeat(1000)],
    ["another document", `<a>${"x".repeat(1000)}</a>`],
    ["no identity provider", metadataOf("").replaceAll("IDPSSODescriptor", "SPSSODescriptor")],
    ["a certificate that is none", metadataOf("", "<X509Certificate>AAAA</X509Certificate>")],
    ["an end that is no date", metadataOf('validUntil="soon"')],
  ])("%s: InvalidInput", async (_, document) => {
    await using at = await startIam();
    expect(await refusalOf(create(at, document))).toBe("InvalidInput: Could not parse metadata");
  });
});

it("the version of global tokens: 1 until it is set, then told in the account's summary", async () => {
  await using at = await startIam();
  const version = async () =>
    (await at.iam.send(new GetAccountSummaryCommand({}))).SummaryMap?.GlobalEndpointTokenVersion;
  expect(await version()).toBe(1);
  const set = (GlobalEndpointTokenVersion: "v1Token" | "v2Token") =>
    at.iam.send(new SetSecurityTokenServicePreferencesCommand({ GlobalEndpointTokenVersion }));
  await set("v2Token");
  expect(await version()).toBe(2);
  await set("v1Token");
  expect(await version()).toBe(1);
  expect(await refusalOf(set("v3Token" as never))).toContain("ValidationError: ");
});
