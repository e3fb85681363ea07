/** Rotation: new backing material by itself or on demand; what was encrypted before still decrypts. */
import type * as Kms from "@aws-sdk/client-kms";
import { symmetricDefault } from "../../engine/kms/key-specs.ts";
import { keyStateOf } from "../../engine/kms/key-state.ts";
import { nextRotationAt } from "../../engine/kms/rotation.ts";
import { read, type WriteOperation, write } from "../../gateway/service.ts";
import type { KeyMaterial, KmsKey } from "../../model/kms.ts";
import { currentMaterialId, makeOctets } from "../../state/kms.ts";
import { giveMaterial, isPrimary, relativesOf } from "../../state/kms-relatives.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { disabled, limitExceeded, unsupported, wrongOrigin } from "./errors.ts";
import {
  check,
  type KmsDependencies,
  onKey,
  requireChangeable,
  requireKey,
  toCall,
} from "./lookup.ts";
import { pageOf } from "./pages.ts";
import { toImport } from "./views.ts";

const mostOnDemand = 25;

export const enableKeyRotation = write<Kms.EnableKeyRotationRequest, void>({
  ...onKey,
  action: "kms:EnableKeyRotation",
  accepts: { KeyId: true, RotationPeriodInDays: true },
  run(context, input) {
    check(["rotationPeriodInDays", input.RotationPeriodInDays, { range: [90, 2560] }]);
    const key = requireChangeable(context, input.KeyId, "EnableKeyRotation");
    requireRotatable(key);
    if (keyStateOf(key) === "Disabled") throw disabled(key.arn);
    const periodDays = input.RotationPeriodInDays ?? key.rotation?.periodDays ?? 365;
    const rotation = { periodDays, nextAt: nextRotationAt(context.now, periodDays) };
    context.tx.table(kmsKeys).put({ ...key, rotation });
  },
});

export const disableKeyRotation = write<Kms.DisableKeyRotationRequest, void>({
  ...onKey,
  action: "kms:DisableKeyRotation",
  accepts: { KeyId: true },
  run(context, input) {
    const key = requireChangeable(context, input.KeyId, "DisableKeyRotation");
    requireRotatable(key);
    if (keyStateOf(key) === "Disabled") throw disabled(key.arn);
    context.tx.table(kmsKeys).put({ ...key, rotation: undefined });
  },
});

export const getKeyRotationStatus = read<
  Kms.GetKeyRotationStatusRequest,
  Kms.GetKeyRotationStatusResponse
>({
  ...onKey,
  action: "kms:GetKeyRotationStatus",
  accepts: { KeyId: true },
  run(context, input) {
    const key = requireKey(context, input.KeyId, "GetKeyRotationStatus");
    const { rotation } = relativesOf(context.tx, key).find(isPrimary) ?? key;
    // A key that is on its way out is not rotated, whatever was set; nor is one of another kind.
    const isOn = rotation !== undefined && key.deletionAt === undefined;
    return {
      KeyId: key.arn,
      KeyRotationEnabled: isOn,
      ...(isOn && {
        RotationPeriodInDays: rotation.periodDays,
        NextRotationDate: new Date(rotation.nextAt),
      }),
    };
  },
});

export function rotateKeyOnDemand({
  sealing,
}: KmsDependencies): WriteOperation<Kms.RotateKeyOnDemandRequest, Kms.RotateKeyOnDemandResponse> {
  return write<Kms.RotateKeyOnDemandRequest, Kms.RotateKeyOnDemandResponse>({
    ...onKey,
    action: "kms:RotateKeyOnDemand",
    accepts: { KeyId: true },
    run(context, input) {
      const key = requireChangeable(context, input.KeyId, "RotateKeyOnDemand");
      requireRotatable(key);
      if (keyStateOf(key) === "Disabled") throw disabled(key.arn);
      const done = key.materials.filter(({ rotation }) => rotation === "ON_DEMAND").length;
      if (done >= mostOnDemand) {
        throw limitExceeded(
          `${key.arn} was rotated on demand ${mostOnDemand} times, which is the most.`,
        );
      }
      const material = makeOctets(toCall(context, sealing), 32, "ON_DEMAND");
      giveMaterial(context.tx, key, material, key.rotation);
      return { KeyId: key.arn };
    },
  });
}

export const listKeyRotations = read<Kms.ListKeyRotationsRequest, Kms.ListKeyRotationsResponse>({
  ...onKey,
  action: "kms:ListKeyRotations",
  accepts: { KeyId: true, IncludeKeyMaterial: true, Limit: true, Marker: true },
  run(context, input) {
    const scopes = ["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"];
    check(["includeKeyMaterial", input.IncludeKeyMaterial, { oneOf: scopes }]);
    const key = requireKey(context, input.KeyId, "ListKeyRotations");
    requireSymmetric(key);
    const all = input.IncludeKeyMaterial === "ALL_KEY_MATERIAL";
    const entries = materialsOf(key)
      .map((material, at) => ({ material, order: String(at).padStart(6, "0") }))
      .filter(({ material }) => all || material.rotation !== undefined);
    const { items, rest } = pageOf(entries, ({ order }) => order, "ListKeyRotations", input);
    const Rotations = items.map(({ material }) => ({
      KeyId: key.arn,
      KeyMaterialId: material.id,
      ...(all && { KeyMaterialState: stateOf(key, material.id), ...toImportState(key) }),
      ...(material.rotation && {
        RotationDate: new Date(material.createdAt),
        RotationType: material.rotation,
      }),
    }));
    return { Rotations, ...rest };
  },
});

/** With the one that is to be imported again. */
const materialsOf = ({ materials, imported }: KmsKey): readonly ShownMaterial[] =>
  materials.length === 0 && imported ? [{ ...imported, rotation: undefined }] : materials;

type ShownMaterial = Pick<KeyMaterial, "id" | "createdAt" | "rotation">;

const toImportState = (key: KmsKey): Kms.RotationsListEntry =>
  key.imported
    ? {
        ImportState: key.materials.length > 0 ? "IMPORTED" : "PENDING_IMPORT",
        KeyMaterialDescription: key.imported.description,
        ...toImport(key),
      }
    : {};

const stateOf = (key: KmsKey, id: string): Kms.KeyMaterialState =>
  currentMaterialId(key) === id ? "CURRENT" : "NON_CURRENT";

function requireRotatable(key: KmsKey): void {
  if (key.origin !== undefined) throw wrongOrigin(key.arn, key.origin);
  if (!isPrimary(key)) {
    throw unsupported(`${key.arn} is a multi-Region replica key: its primary key is rotated.`);
  }
  requireSymmetric(key);
}

function requireSymmetric(key: KmsKey): void {
  if (key.spec === symmetricDefault) return;
  throw unsupported(`${key.arn} is not a symmetric encryption key: it cannot be rotated.`);
}
