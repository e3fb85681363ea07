/**
 * The wire model of an AWS service as it lies in `models/<service>.json`, cut down by
 * `tools/generate-models.ts` from the AWS SDK's own schemas to what our declarations need.
 *
 * The SDK itself is not loaded at run time: it would take a hundred megabytes and block for longer
 * than the whole engine takes to start.
 */
import { readFileSync } from "node:fs";

export type Protocol =
  | "awsJson1_0"
  | "awsJson1_1"
  | "awsQuery"
  | "ec2Query"
  | "restJson1"
  | "restXml"
  | "rpcv2Cbor"
  | "rpcv2Json";

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
    /** Its JSON and CBOR speakers also want the error codes of the query protocol it once had. */
    readonly awsQueryCompatible?: true;
    /** XML errors stand at the root, without `<ErrorResponse>` around them. */
    readonly bareErrors?: true;
  };
  /** Every operation that AWS has. */
  readonly operationNames: readonly string[];
  /** Of REST services: method, path with labels, and status of every operation that AWS has. */
  readonly routes?: Readonly<Record<string, RouteModel>>;
  /** Those that are declared here; a side that is absent carries nothing. */
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly errors: Readonly<Record<string, ErrorModel>>;
  readonly shapes: Readonly<Record<string, ShapeModel>>;
};

export type OperationModel = { readonly input?: string; readonly output?: string };

/** `["GET", "/{Bucket}/{Key+}?acl", 200]`, and what else must be there for it to be meant. */
export type RouteModel = readonly [
  method: string,
  uri: string,
  status: number,
  needs?: readonly ({ readonly query: string } | { readonly header: string })[],
];

export type ErrorModel = {
  /** The code on the wire, where it is not the shape's name. */
  readonly code?: string;
  readonly status?: number;
  /** Where there is more to it than a message. */
  readonly shape?: string;
  /** The member that holds the message, where it is not `message`. */
  readonly message?: "Message";
};

/** `$string` and its like, or the name of one in `shapes`. */
export type ShapeReference = SimpleReference | (string & {});

export type SimpleReference =
  | "$string"
  | "$number"
  | "$boolean"
  | "$blob"
  /** Bytes that are the whole body, as many as they are. */
  | "$stream"
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
      /** The root element in XML, where it is not the shape's name. */
      readonly xmlName?: string;
      /** The only member stands at the root of the answer, without an element around it. */
      readonly unwrapped?: true;
      /** A union whose members follow each other as events. */
      readonly events?: true;
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
      /** Prefix and name: only where a member has its own. */
      readonly xmlNamespace?: readonly [prefix: string, uri: string];
      readonly xmlAttribute?: true;
      /** Where in a request or answer it is, when not in the body's document. */
      readonly http?: HttpBinding;
    };

/** Where a member of a REST service's input or output is found. */
export type HttpBinding =
  | "label"
  | "payload"
  | "status"
  /** Every parameter of the query that no other member has. */
  | "query-params"
  | { readonly query: string }
  | { readonly header: string }
  | { readonly prefix: string };

/** Reads a generated model. Throws when `service` has none. */
export function loadModel(service: string): WireModel {
  const file = new URL(`../models/${service}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as WireModel;
}
