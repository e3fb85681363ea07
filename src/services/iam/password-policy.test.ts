import {
  CreateAccountAliasCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteAccountPasswordPolicyCommand,
  GetAccountPasswordPolicyCommand,
  ListAccountAliasesCommand,
  UpdateAccountPasswordPolicyCommand,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { refusalOf, startIam } from "./testing.ts";

const UserName = "ann";

describe("the password policy of an account", () => {
  it("none at first: not found, and nothing to delete", async () => {
    await using at = await startIam();
    const none = await refusalOf(at.iam.send(new GetAccountPasswordPolicyCommand({})));
    expect(none).toContain("The Password Policy with domain name 000000000000 cannot be found.");
    const gone = await refusalOf(at.iam.send(new DeleteAccountPasswordPolicyCommand({})));
    expect(gone).toContain("The account policy with name PasswordPolicy cannot be found.");
  });

  it("updated: replaced whole, beside the account's alias, until it is deleted", async () => {
    await using at = await startIam();
    await at.iam.send(new CreateAccountAliasCommand({ AccountAlias: "shop" }));
    const first = { MinimumPasswordLength: 14, RequireSymbols: true, MaxPasswordAge: 90 };
    await at.iam.send(new UpdateAccountPasswordPolicyCommand(first));
    const { PasswordPolicy } = await at.iam.send(new GetAccountPasswordPolicyCommand({}));
    expect(PasswordPolicy).toMatchObject({
      ...first,
      RequireNumbers: false,
      ExpirePasswords: true,
    });
    await at.iam.send(new UpdateAccountPasswordPolicyCommand({ RequireNumbers: true }));
    const second = await at.iam.send(new GetAccountPasswordPolicyCommand({}));
    expect(second.PasswordPolicy).toMatchObject({
      MinimumPasswordLength: 6,
      RequireSymbols: false,
      RequireNumbers: true,
      ExpirePasswords: false,
    });
    await at.iam.send(new DeleteAccountPasswordPolicyCommand({}));
    const { AccountAliases } = await at.iam.send(new ListAccountAliasesCommand({}));
    expect(AccountAliases).toEqual(["shop"]);
  });

  it.each([
    [{ MinimumPasswordLength: 12 }, "Short-1", "Long-enough-1"],
    [{ RequireSymbols: true }, "Nothing1", "Some-thing1"],
    [{ RequireNumbers: true }, "Nothing", "Number1"],
    [{ RequireUppercaseCharacters: true }, "lower1", "Upper1"],
    [{ RequireLowercaseCharacters: true }, "UPPER1", "LOWEr1"],
  ])("%j: passwords are held to it", async (policy, bad, good) => {
    await using at = await startIam();
    await at.iam.send(new CreateUserCommand({ UserName }));
    await at.iam.send(new UpdateAccountPasswordPolicyCommand(policy));
    const create = (Password: string) =>
      at.iam.send(new CreateLoginProfileCommand({ UserName, Password }));
    const violation = "Password does not conform to the account password policy.";
    expect(await refusalOf(create(bad))).toContain(violation);
    await create(good);
    const change = new UpdateLoginProfileCommand({ UserName, Password: bad });
    expect(await refusalOf(at.iam.send(change))).toContain(violation);
  });
});
