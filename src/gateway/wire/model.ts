/**
 * The wire model of an AWS service as it lies in `models/<service>.json`, cut down by
 * `tools/generate-models.ts` from the AWS SDK's own schemas to what our declarations need.
 *
 * The SDK itself is not loaded at run time: it would take a hundred megabytes and block for longer
 * than the whole engine takes to start.
 */
import { readFileSync } from "node:fs";

export type Protocol = "awsJson1_1" | "awsQuery" | "ec2Query";

export type WireModel = {
  readonly metadata: {
    readonly protocol: Protocol;
    /** As the SDK names the service, such as `Elastic Load Balancing v2`. */
    readonly serviceId: string;
    /** The service in a signature's credential scope, such as `elasticloadbalancing`. */
    readonly signingName: string;
    readonly apiVersion: string;
    /** What stands before the dot in X-Amz-Target. */
    readonly serviceTarget: string;
    readonly xmlNamespace: string;
  };
  /** Every operation that AWS has. */
  readonly operationNames: readonly string[];
  /** Those that are declared here; a side that is absent carries nothing. */
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly errors: Readonly<Record<string, ErrorModel>>;
  readonly shapes: Readonly<Record<string, ShapeModel>>;
};

export type OperationModel = { readonly input?: string; readonly output?: string };

export type ErrorModel = {
  /** The code on the wire, where it is not the shape's name. */
  readonly code?: string;
  readonly status?: number;
  /** Where there is more to it than a message. */
  readonly shape?: string;
};

/** `$string` and its like, or the name of one in `shapes`. */
export type ShapeReference = SimpleReference | (string & {});

export type SimpleReference =
  | "$string"
  | "$number"
  | "$boolean"
  | "$blob"
  | "$document"
  /** A timestamp in the protocol's own format, or in the named one. */
  | "$timestamp"
  | "$date-time"
  | "$http-date"
  | "$epoch-seconds";

export type ShapeModel =
  | {
      readonly kind: "structure" | "union";
      /** So many of the first members must be there. */
      readonly required?: number;
      readonly members: Readonly<Record<string, MemberModel>>;
    }
  | { readonly kind: "list"; readonly sparse?: true; readonly member: MemberModel }
  | {
      readonly kind: "map";
      readonly sparse?: true;
      readonly key: MemberModel;
      readonly value: MemberModel;
    };

export type MemberModel =
  | ShapeReference
  | {
      readonly shape: ShapeReference;
      readonly xmlName?: string;
      readonly ec2QueryName?: string;
      readonly flattened?: true;
    };

/** Reads a generated model. Throws when `service` has none. */
export function loadModel(service: string): WireModel {
  const file = new URL(`../models/${service}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as WireModel;
}
