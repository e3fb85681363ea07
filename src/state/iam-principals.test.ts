import { describe, expect, it } from "vitest";
import { formatAccessKeyId } from "../model/access-key-id.ts";
import type { AccessKey, Group, Role, User } from "../model/iam.ts";
import { globalRegion } from "../model/scope.ts";
import { findAccessKey, noteAccessKeyUse, noteRoleUse, policiesOf } from "./iam-principals.ts";
import { openStore, type WriteTransaction } from "./store.ts";
import { accessKeys, groups, roles, users } from "./tables/iam.ts";

const account = "123456789012";
const scope = { account, region: globalRegion };
const holder = { ...scope, path: "/", createdAt: 0, attachedPolicyArns: [] };
const inline = (name: string) => [{ name, document: `{"Statement":[],"Id":"${name}"}` }];
const adminArn = "arn:aws:iam::aws:policy/AdministratorAccess";

const group: Group = {
  ...holder,
  name: "team",
  id: "AGPA1",
  arn: `arn:aws:iam::${account}:group/team`,
  inlinePolicies: inline("of-group"),
};
const user: User = {
  ...holder,
  name: "ann",
  id: "AIDA1",
  arn: `arn:aws:iam::${account}:user/ann`,
  inlinePolicies: inline("of-user"),
  attachedPolicyArns: [adminArn],
  permissionsBoundary: `arn:aws:iam::${account}:policy/gone`,
  groupIds: ["AGPA1"],
  loginProfile: undefined,
  tags: [],
};
const role: Role = {
  ...holder,
  name: "ann",
  id: "AROA1",
  arn: `arn:aws:iam::${account}:role/ann`,
  inlinePolicies: [],
  trustPolicy: "{}",
  description: undefined,
  maxSessionSeconds: 3600,
  permissionsBoundary: adminArn,
  tags: [],
};
const key: AccessKey = {
  ...scope,
  id: formatAccessKeyId("AKIA", account, "AAAAAAAA"),
  secret: "s",
  userId: "AIDA1",
  isActive: true,
  createdAt: 0,
  lastUse: undefined,
};
const use = { at: 5, region: "us-east-1", service: "ecs" };

function startWithAll() {
  const store = openStore(undefined);
  store.write((tx: WriteTransaction) => {
    tx.table(groups).put(group);
    tx.table(users).put(user);
    tx.table(roles).put(role);
    tx.table(accessKeys).put(key);
  });
  return store;
}

describe("principals", () => {
  it("a user: its own policies, then its groups'; a boundary whose policy is gone allows nothing", () => {
    const found = startWithAll().read((tx) =>
      policiesOf(tx, { kind: "user", account, name: "ann" }),
    );
    expect(found).toMatchObject({ arn: user.arn, id: user.id });
    expect(found?.identity.map(({ holder: { kind }, name }) => [kind, name])).toEqual([
      ["user", "of-user"],
      ["user", "AdministratorAccess"],
      ["group", "of-group"],
    ]);
    expect(JSON.parse(found?.boundary?.document ?? "")).toMatchObject({ Statement: [] });
  });

  it("a role of the same name: only what is its own; somebody of another account: nobody", () => {
    const store = startWithAll();
    const found = store.read((tx) => policiesOf(tx, { kind: "role", account, name: "ann" }));
    expect(found).toMatchObject({ arn: role.arn, identity: [], boundary: { arn: adminArn } });
    const elsewhere = { kind: "user", account: "000000000000", name: "ann" } as const;
    expect(store.read((tx) => policiesOf(tx, elsewhere))).toBeUndefined();
  });

  it("an access key: found by its id alone with its user; its use is noted", () => {
    const store = startWithAll();
    store.write((tx) => {
      noteAccessKeyUse(tx, key.id, use);
      noteRoleUse(tx, { account, name: "ann" }, use);
    });
    expect(store.read((tx) => findAccessKey(tx, key.id))).toEqual({
      key: { ...key, lastUse: use },
      user,
    });
    expect(store.read((tx) => tx.table(roles).get(scope, "ann"))).toEqual({
      ...role,
      lastUse: use,
    });
    expect(store.read((tx) => findAccessKey(tx, "test"))).toBeUndefined();
  });
});
