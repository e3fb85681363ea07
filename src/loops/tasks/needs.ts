/** What the task loop is handed. Each is narrow, so that a test can stand in for it. */
import type { ContainerRuntime } from "../../dataplane/containers/port.ts";
import type { Task } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import type { Sealing } from "../../seams/sealing.ts";
import type { LoopDependencies } from "../loop.ts";
import type { ImageResolution } from "./images.ts";
import type { Blocked, Destination } from "./paths.ts";

export type TaskLoopNeeds = LoopDependencies & {
  readonly runtime: ContainerRuntime;
  /** Opens the values of secrets. */
  readonly sealing: Sealing;
  /** Resolves when the host's network, and the interface in it, agree with the state at the call. */
  readonly settled: (scope: Scope, vpcId: string, interfaceId?: string) => Promise<void>;
  /** Looks up an image of a task definition. */
  readonly findImage: (scope: Scope, image: string) => ImageResolution;
  /** Whether the task's interface reaches a destination over TLS. */
  readonly pathTo: (task: Task, destination: Destination) => Blocked;
  readonly hasLogGroup: (scope: Scope, name: string) => boolean;
  /** Resolves when everything that the task's containers wrote has been taken. */
  readonly logsDrained: (taskArn: string) => Promise<void>;
};

/** A step that can never succeed: the task ends with this reason. */
export class TaskFailure extends Error {
  readonly reason: string;
  /** The container at fault, when it is one. */
  readonly container: string | undefined;
  constructor(reason: string, container?: string) {
    super(reason);
    this.name = "TaskFailure";
    this.reason = reason;
    this.container = container;
  }
}
