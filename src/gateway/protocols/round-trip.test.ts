/**
 * The codecs against the AWS SDK's own: what a client sends is what an operation gets, and what an
 * operation answers is what the client gets, for every operation of every client package there is.
 *
 * `npm run fuzz round-trip` makes many runs of each, of another seed each time.
 */
import {
  AwsQueryProtocol,
  AwsSmithyRpcV2CborProtocol,
  AwsSmithyRpcV2JsonProtocol,
} from "@aws-sdk/core/protocols";
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import fc, { seed } from "../../../test/builders/properties.ts";
import { type SdkExports, sdkEcho } from "../../../test/builders/sdk-echo.ts";
import {
  arriving,
  type Overrides,
  structureOf,
  type Values,
} from "../../../test/builders/wire-values.ts";
import { buildModelOf, clientPackages } from "../../../tools/wire-model.ts";
import { setEntry } from "../wire/entries.ts";
import type { Protocol, WireModel } from "../wire/model.ts";
import { nothing, type StructureShape } from "../wire/shapes.ts";

const numRuns = Number(process.env["NEARGATE_FUZZ_RUNS"] ?? 2);

type Package = {
  readonly name: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly protocol?: Protocol;
  readonly overrides?: Overrides;
  readonly inputOverrides?: Overrides;
};

// S3's client looks at the bucket's name and hashes keys; Route 53's cuts prefixes off identifiers.
const s3Overrides: Overrides = {
  Bucket: fc.constant("a-bucket"),
  SSECustomerKey: undefined,
  CopySourceSSECustomerKey: undefined,
  Expires: undefined,
  ExpiresString: undefined,
  RequestRoute: fc.constant("route"),
  ChecksumAlgorithm: fc.constantFrom("CRC32", "SHA256", "CRC32C"),
};
// What a request says of its body is verified: it is left to the client to say.
const saysOfBody = [
  "ContentMD5",
  "ContentLength",
  ...["CRC32", "CRC32C", "CRC64NVME", "MD5", "SHA1", "SHA256", "SHA512"].map((n) => `Checksum${n}`),
  ...["XXHASH128", "XXHASH3", "XXHASH64"].map((n) => `Checksum${n}`),
];
const s3InputOverrides = Object.fromEntries(saysOfBody.map((name) => [name, undefined]));
const s3Config = {
  forcePathStyle: true,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
};
// Its client goes into these before it writes them.
const changes = { Changes: [{ Action: "CREATE", ResourceRecordSet: { Name: "a.b", Type: "A" } }] };
const cloudwatch = "@aws-sdk/client-cloudwatch";

const packages: readonly Package[] = [
  ...Object.values(clientPackages).map((name) => ({ name })),
  { name: "@aws-sdk/client-efs" },
  { name: "@aws-sdk/client-lambda" },
  { name: "@aws-sdk/client-route-53", overrides: { ChangeBatch: fc.constant(changes) } },
  {
    name: "@aws-sdk/client-s3",
    config: s3Config,
    overrides: s3Overrides,
    inputOverrides: s3InputOverrides,
  },
  { name: cloudwatch },
  { name: cloudwatch, config: { protocol: AwsSmithyRpcV2CborProtocol }, protocol: "rpcv2Cbor" },
  { name: cloudwatch, config: { protocol: AwsSmithyRpcV2JsonProtocol }, protocol: "rpcv2Json" },
  { name: cloudwatch, config: { protocol: AwsQueryProtocol }, protocol: "awsQuery" },
];

const titled = packages.map(
  (each) => [`${each.name} ${each.protocol ?? ""}`.trim(), each] as const,
);

describe.each(titled)("%s", (_title, { name, config, protocol, overrides, inputOverrides }) => {
  const timeout = 20_000 + numRuns * 10_000;

  it("every operation: what a client sends arrives as it was", { timeout }, async () => {
    const { exports, model, spoken } = await open(name, protocol);
    using echo = sdkEcho(exports, model, config);
    await eachOperation(model, async (operation) => {
      const shape = echo.linked.operation(operation)?.input;
      if (!shape || isStreamOfEvents(shape)) return;
      const sendable = { ...overrides, ...inputOverrides };
      await check(structureOf(shape, spoken, sendable), async (input) => {
        echo.output = leastOutput(echo.linked.operation(operation)?.output);
        await echo.call(operation, structuredClone(input));
        const expected = arriving(shape, input, spoken);
        const arrived = arriving(shape, withoutAdditions(echo.input, shape, input), spoken);
        expect(arrived).toEqual(expected);
      });
    });
  });

  it("every operation: what it answers arrives at the client as it was", { timeout }, async () => {
    const { exports, model, spoken } = await open(name, protocol);
    using echo = sdkEcho(exports, model, config);
    await eachOperation(model, async (operation) => {
      const { input, output: shape } = echo.linked.operation(operation) ?? {};
      if (!shape || isStreamOfEvents(shape) || (input && isStreamOfEvents(input))) return;
      const least = fc.sample(structureOf(leastOf(input), spoken, overrides), { numRuns: 1, seed });
      await check(structureOf(shape, spoken, overrides), async (value) => {
        const output = { ...leastOutput(shape), ...value };
        echo.output = output;
        const { $metadata, ...answer } = await echo.call(operation, least[0] ?? {});
        expect(statusOf($metadata)).toBeLessThan(300);
        const expected = spoken === "restXml" ? arriving(shape, output, spoken) : output;
        expect(await received(answer, shape, output)).toEqual(expected);
      });
    });
  });
});

async function open(
  name: string,
  protocol: Protocol | undefined,
): Promise<{ exports: SdkExports; model: WireModel; spoken: Protocol }> {
  const exports: SdkExports = await import(name);
  const model = buildModelOf(name, exports);
  return { exports, model, spoken: protocol ?? model.metadata.protocol };
}

/** Goes on after a failure, so that one run shows all of them. */
async function eachOperation(
  model: WireModel,
  work: (operation: string) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  for (const operation of Object.keys(model.operations)) {
    if (otherEndpoints.has(operation)) continue;
    await work(operation).catch((error: unknown) => {
      const { message, cause } = error as Error;
      failures.push(`${operation}: ${message}\n${cause instanceof Error ? cause.message : ""}`);
    });
  }
  if (failures.length === 0) return;
  throw new Error(`${failures.length} operations\n${failures.slice(0, 5).join("\n\n")}`);
}

function check(values: Arbitrary<Values>, test: (value: Values) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(values, test), { numRuns, verbose: 0 });
}

// Asked of S3 Express and S3 Object Lambda, which are other services to their signatures.
const otherEndpoints: ReadonlySet<string> = new Set([
  "ListDirectoryBuckets",
  "WriteGetObjectResponse",
]);

/** S3's client takes an answer without a body for a broken one. */
function leastOutput(output: StructureShape | undefined): Values {
  const payload = output?.members.find(({ http }) => http === "payload");
  return payload?.shape.kind === "structure" ? { [payload.name]: {} } : {};
}

const isStreamOfEvents = ({ members }: StructureShape): boolean =>
  members.some(({ shape }) => "events" in shape && shape.events);

/** Of an input what a request cannot do without: its labels. */
function leastOf(input: StructureShape | undefined): StructureShape {
  const whole = input ?? nothing;
  return { ...whole, members: whole.members.filter((m) => m.required && m.http !== undefined) };
}

/**
 * Clients make up idempotency tokens, say of a body what it is, and send `{}` for a payload that is
 * not there; all of it is in the model.
 */
function withoutAdditions(input: Values, { members }: StructureShape, sent: Values): Values {
  const added =
    /token|^(?:CallerReference|ContentLength|ContentType|ContentMD5|Checksum\w*|DestinationRegion|PresignedUrl)$/i;
  const isPayload = (name: string): boolean =>
    members.some((member) => member.name === name && member.http === "payload");
  return Object.fromEntries(
    Object.entries(input).filter(
      ([key, value]) =>
        sent[key] !== undefined ||
        !(added.test(key) || (isPayload(key) && Object.keys(value as object).length === 0)),
    ),
  );
}

const statusOf = (metadata: unknown): unknown =>
  (metadata as { httpStatusCode: number }).httpStatusCode;

/** What the SDK adds to an answer taken off, its stream read, and bytes of one class. */
async function received(
  answer: Values,
  { members }: StructureShape,
  output: Values,
): Promise<Values> {
  const result: Values = {};
  for (const { name, shape, http } of members) {
    const held = answer[name];
    if (held === undefined || held === null) continue;
    if (http === "status" && output[name] === undefined) continue;
    const isPrefixed = typeof http === "object" && "prefix" in http;
    if (isPrefixed && Object.keys(held).length === 0) continue;
    const plain = shape.kind === "stream" ? await readStream(held) : withPlainBytes(held);
    // There is always a stream, if an empty one.
    const isNothing = shape.kind === "stream" && (plain as Uint8Array).length === 0;
    if (!isNothing || output[name] !== undefined) result[name] = plain;
  }
  return result;
}

async function readStream(held: unknown): Promise<Uint8Array> {
  const stream = held as { transformToByteArray(): Promise<Uint8Array> };
  return new Uint8Array(await stream.transformToByteArray());
}

function withPlainBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(withPlainBytes);
  const result: Values = {};
  for (const [key, held] of Object.entries(value)) setEntry(result, key, withPlainBytes(held));
  return result;
}
