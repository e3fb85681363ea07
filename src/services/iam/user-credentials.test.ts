import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  GetAccountSummaryCommand,
  GetMFADeviceCommand,
  GetSSHPublicKeyCommand,
  ListMFADevicesCommand,
  ListMFADeviceTagsCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListVirtualMFADevicesCommand,
  ResetServiceSpecificCredentialCommand,
  ResyncMFADeviceCommand,
  TagMFADeviceCommand,
  UntagMFADeviceCommand,
  UpdateServiceSpecificCredentialCommand,
  UpdateSigningCertificateCommand,
  UpdateSSHPublicKeyCommand,
  UpdateUserCommand,
  UploadSigningCertificateCommand,
  UploadSSHPublicKeyCommand,
} from "@aws-sdk/client-iam";
import { encode } from "uqr";
import { describe, expect, it } from "vitest";
import { codeAt } from "../../state/totp.ts";
import { toPng } from "./png.ts";
import { refusalOf, startIam } from "./testing.ts";
import {
  authority,
  certificate,
  otherCertificate,
  sshKey,
  sshKeyFingerprint,
  sshKeyInPem,
  weakSshKey,
} from "./testing-keys.ts";

const UserName = "ann";
const day = 24 * 60 * 60 * 1000;

async function startWithUser() {
  const at = await startIam();
  await at.iam.send(new CreateUserCommand({ UserName, Path: "/people/" }));
  return at;
}

const deletion = (at: Awaited<ReturnType<typeof startIam>>, name = UserName) =>
  refusalOf(at.iam.send(new DeleteUserCommand({ UserName: name })));

describe("SSH public keys", () => {
  it("uploaded in either form: told in either form, with the fingerprint of ssh-keygen", async () => {
    for (const SSHPublicKeyBody of [sshKey, sshKeyInPem]) {
      await using at = await startWithUser();
      const upload = () =>
        at.iam.send(new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody }));
      const { SSHPublicKey } = await upload();
      expect(SSHPublicKey).toMatchObject({ Fingerprint: sshKeyFingerprint, Status: "Active" });
      const SSHPublicKeyId = SSHPublicKey?.SSHPublicKeyId ?? "";
      const bodyAs = async (Encoding: "SSH" | "PEM") =>
        (await at.iam.send(new GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Encoding })))
          .SSHPublicKey?.SSHPublicKeyBody;
      expect(await bodyAs("SSH")).toBe(sshKey.replace(/ ann@fixture$/, ""));
      expect(await bodyAs("PEM")).toBe(sshKeyInPem.trim());
      expect(await refusalOf(upload())).toContain("DuplicateSSHPublicKey: ");
    }
  });

  it("set inactive and deleted, the user in between renamed: gone, and the user may go", async () => {
    await using at = await startWithUser();
    const { SSHPublicKey } = await at.iam.send(
      new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: sshKey }),
    );
    const SSHPublicKeyId = SSHPublicKey?.SSHPublicKeyId ?? "";
    await at.iam.send(new UpdateUserCommand({ UserName, NewUserName: "bea" }));
    const key = { UserName: "bea", SSHPublicKeyId };
    await at.iam.send(new UpdateSSHPublicKeyCommand({ ...key, Status: "Inactive" }));
    const { SSHPublicKeys } = await at.iam.send(new ListSSHPublicKeysCommand({ UserName: "bea" }));
    expect(SSHPublicKeys).toMatchObject([{ UserName: "bea", SSHPublicKeyId, Status: "Inactive" }]);
    expect(await deletion(at, "bea")).toBe(
      "DeleteConflict: Cannot delete entity, must delete SSH public keys first.",
    );
    await at.iam.send(new DeleteSSHPublicKeyCommand(key));
    expect(await refusalOf(at.iam.send(new DeleteSSHPublicKeyCommand(key)))).toBe(
      `NoSuchEntity: The Public Key with id ${SSHPublicKeyId} cannot be found.`,
    );
    expect(await deletion(at, "bea")).toBe("done");
  });

  it.each([
    ["no key", "hello", "UnrecognizedPublicKeyEncoding: "],
    ["of 1024 bits", weakSshKey, "InvalidPublicKey: "],
    ["of another kind", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "InvalidPublicKey: "],
    ["cut off", sshKey.slice(0, 60), "InvalidPublicKey: "],
    ["a certificate", certificate, "UnrecognizedPublicKeyEncoding: "],
  ])("%s: refused", async (_, SSHPublicKeyBody, refusal) => {
    await using at = await startWithUser();
    const upload = new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody });
    expect(await refusalOf(at.iam.send(upload))).toContain(refusal);
  });
});

describe("signing certificates", () => {
  it("uploaded, set inactive, deleted: shown so each time, and the user stays until then", async () => {
    await using at = await startWithUser();
    const upload = (CertificateBody: string) =>
      at.iam.send(new UploadSigningCertificateCommand({ UserName, CertificateBody }));
    const { Certificate } = await upload(certificate);
    expect(Certificate).toMatchObject({
      UserName,
      Status: "Active",
      CertificateBody: certificate,
    });
    expect(await refusalOf(upload(certificate))).toContain("DuplicateCertificate: ");
    await upload(otherCertificate);
    expect(await refusalOf(upload(authority))).toBe(
      "LimitExceeded: Cannot exceed quota for CertificatesPerUser: 2",
    );
    const CertificateId = Certificate?.CertificateId ?? "";
    await at.iam.send(
      new UpdateSigningCertificateCommand({ UserName, CertificateId, Status: "Inactive" }),
    );
    const list = async (MaxItems: number, Marker?: string) =>
      at.iam.send(new ListSigningCertificatesCommand({ UserName, MaxItems, Marker }));
    const first = await list(1);
    expect(first.IsTruncated).toBe(true);
    const second = await list(1, first.Marker);
    const all = [...(first.Certificates ?? []), ...(second.Certificates ?? [])];
    expect(all.map(({ Status }) => Status).sort()).toEqual(["Active", "Inactive"]);
    expect(all.find((one) => one.CertificateId === CertificateId)?.Status).toBe("Inactive");
    expect(await deletion(at)).toContain("must delete signing certificates first");
    for (const one of all) {
      const { CertificateId: id } = one;
      await at.iam.send(new DeleteSigningCertificateCommand({ UserName, CertificateId: id }));
    }
    expect(await deletion(at)).toBe("done");
  });

  it("no certificate: MalformedCertificate; one that has ended: InvalidCertificate", async () => {
    await using at = await startWithUser();
    const upload = (CertificateBody: string) =>
      refusalOf(at.iam.send(new UploadSigningCertificateCommand({ UserName, CertificateBody })));
    expect(await upload("hello")).toContain("MalformedCertificate: Unable to parse certificate.");
    await at.cloud.clock.advance(100 * 366 * day);
    expect(await upload(certificate)).toContain("InvalidCertificate: ");
  });
});

describe("credentials for single services", () => {
  const ServiceName = "codecommit.amazonaws.com";

  it("made, made anew, set inactive, deleted: the password told only where it is made", async () => {
    await using at = await startWithUser();
    const create = () =>
      at.iam.send(new CreateServiceSpecificCredentialCommand({ UserName, ServiceName }));
    const made = (await create()).ServiceSpecificCredential;
    expect(made).toMatchObject({ ServiceUserName: "ann-at-000000000000", Status: "Active" });
    const second = (await create()).ServiceSpecificCredential;
    expect(second?.ServiceUserName).toBe("ann+1-at-000000000000");
    expect(await refusalOf(create())).toContain("LimitExceeded: ");
    const ServiceSpecificCredentialId = made?.ServiceSpecificCredentialId ?? "";
    const named = { UserName, ServiceSpecificCredentialId };
    const { ServiceSpecificCredential: anew } = await at.iam.send(
      new ResetServiceSpecificCredentialCommand(named),
    );
    expect(anew?.ServicePassword).toHaveLength(44);
    expect(anew?.ServicePassword).not.toBe(made?.ServicePassword);
    await at.iam.send(new UpdateServiceSpecificCredentialCommand({ ...named, Status: "Inactive" }));
    const list = async (all: object) =>
      (await at.iam.send(new ListServiceSpecificCredentialsCommand(all)))
        .ServiceSpecificCredentials ?? [];
    const listed = await list({ UserName, ServiceName });
    expect(listed.map(({ Status }) => Status).sort()).toEqual(["Active", "Inactive"]);
    expect(listed[0]).not.toHaveProperty("ServicePassword");
    expect(await list({ AllUsers: true })).toHaveLength(2);
    expect(await deletion(at)).toContain("must delete service specific credentials first");
    for (const { ServiceSpecificCredentialId: id } of listed) {
      await at.iam.send(
        new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId: id }),
      );
    }
    expect(await refusalOf(at.iam.send(new ResetServiceSpecificCredentialCommand(named)))).toBe(
      `NoSuchEntity: No such credential ${ServiceSpecificCredentialId} exists`,
    );
    expect(await deletion(at)).toBe("done");
  });

  it("for some days: expired after them; for a service that has none: NotSupportedService", async () => {
    await using at = await startWithUser();
    const key = { UserName, ServiceName: "bedrock.amazonaws.com", CredentialAgeDays: 2 };
    await at.iam.send(new CreateServiceSpecificCredentialCommand(key));
    const status = async () =>
      (await at.iam.send(new ListServiceSpecificCredentialsCommand({ UserName })))
        .ServiceSpecificCredentials?.[0]?.Status;
    expect(await status()).toBe("Active");
    await at.cloud.clock.advance(2 * day);
    expect(await status()).toBe("Expired");
    const other = { UserName, ServiceName: "ecs.amazonaws.com" };
    const refused = at.iam.send(new CreateServiceSpecificCredentialCommand(other));
    // The SDK's name for it differs from the code.
    expect(await refusalOf(refused)).toContain("No such service ecs.amazonaws.com is supported");
    const ageless = at.iam.send(
      new CreateServiceSpecificCredentialCommand({ ...key, ServiceName }),
    );
    expect(await refusalOf(ageless)).toContain("InvalidInput: ");
  });
});

describe("virtual MFA devices", () => {
  const create = (at: Awaited<ReturnType<typeof startIam>>) =>
    at.iam.send(
      new CreateVirtualMFADeviceCommand({
        VirtualMFADeviceName: "phone",
        Tags: [{ Key: "a", Value: "1" }],
      }),
    );
  const SerialNumber = "arn:aws:iam::000000000000:mfa/phone";

  it("enabled with two codes in a row of its seed: the user's until it is deactivated", async () => {
    await using at = await startWithUser();
    const { VirtualMFADevice } = await create(at);
    expect(VirtualMFADevice?.SerialNumber).toBe(SerialNumber);
    const seed = Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString();
    const text = `otpauth://totp/phone@000000000000?secret=${seed}`;
    const picture = toPng(encode(text, { border: 0 }).data, { scale: 4, margin: 4 });
    expect(Buffer.from(VirtualMFADevice?.QRCodePNG ?? [])).toEqual(picture);
    expect(seed).toMatch(/^[A-Z2-7]{64}$/);
    expect(await refusalOf(create(at))).toBe(
      "EntityAlreadyExists: MFADevice entity at the same path and name already exists.",
    );
    const [now, wall] = [at.cloud.clock.now(), at.cloud.clock.wall()];
    const enable = (AuthenticationCode1: string, AuthenticationCode2: string) =>
      refusalOf(
        at.iam.send(
          new EnableMFADeviceCommand({
            UserName,
            SerialNumber,
            AuthenticationCode1,
            AuthenticationCode2,
          }),
        ),
      );
    const invalid = "InvalidAuthenticationCode: Authentication code for device is not valid.";
    expect(await enable(codeAt(seed, wall), codeAt(seed, wall))).toBe(invalid);
    expect(await enable(codeAt(seed, wall + 30_000), codeAt(seed, wall))).toBe(invalid);
    expect(await enable(codeAt(seed, wall - day), codeAt(seed, wall - day + 30_000))).toBe(invalid);
    expect(await enable(codeAt(seed, wall - 30_000), codeAt(seed, wall))).toBe("done");
    expect(await enable(codeAt(seed, wall), codeAt(seed, wall + 30_000))).toContain(
      "EntityAlreadyExists: ",
    );
    const resync = (first: number, second: number) =>
      refusalOf(
        at.iam.send(
          new ResyncMFADeviceCommand({
            UserName,
            SerialNumber,
            AuthenticationCode1: codeAt(seed, first),
            AuthenticationCode2: codeAt(seed, second),
          }),
        ),
      );
    expect(await resync(wall - day, wall - day + 30_000)).toBe(invalid);
    expect(await resync(wall + 600_000, wall + 630_000)).toBe("done");
    const { MFADevices } = await at.iam.send(new ListMFADevicesCommand({ UserName }));
    expect(MFADevices).toMatchObject([{ UserName, SerialNumber, EnableDate: new Date(now) }]);
    expect(await at.iam.send(new GetMFADeviceCommand({ SerialNumber }))).toMatchObject({
      UserName,
    });
    const list = async (AssignmentStatus: "Assigned" | "Unassigned") =>
      (await at.iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus }))).VirtualMFADevices;
    expect(await list("Assigned")).toMatchObject([{ SerialNumber, User: { UserName } }]);
    expect(await list("Unassigned")).toEqual([]);
    const { SummaryMap } = await at.iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ MFADevices: 1, MFADevicesInUse: 1 });
    const remove = () =>
      refusalOf(at.iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber })));
    expect(await remove()).toBe("DeleteConflict: MFA VirtualDevice in use. Must deactivate first.");
    expect(await deletion(at)).toContain("must deactivate MFA devices first");
    const deactivate = () =>
      refusalOf(at.iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber })));
    expect(await deactivate()).toBe("done");
    expect(await deactivate()).toContain("NoSuchEntity: ");
    expect(await remove()).toBe("done");
    expect(await remove()).toContain("NoSuchEntity: ");
    expect(await deletion(at)).toBe("done");
  });

  it("its tags: given at the beginning, added and taken off", async () => {
    await using at = await startIam();
    await create(at);
    await at.iam.send(new TagMFADeviceCommand({ SerialNumber, Tags: [{ Key: "b", Value: "2" }] }));
    await at.iam.send(new UntagMFADeviceCommand({ SerialNumber, TagKeys: ["a"] }));
    const { Tags } = await at.iam.send(new ListMFADeviceTagsCommand({ SerialNumber }));
    expect(Tags).toEqual([{ Key: "b", Value: "2" }]);
  });

  it("the codes of RFC 6238's own seed: those in the RFC, to six digits", () => {
    const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    expect(codeAt(seed, 59_000)).toBe("287082");
    expect(codeAt(seed, 1_111_111_109_000)).toBe("081804");
    expect(codeAt(seed, 20_000_000_000_000)).toBe("353130");
  });
});
