/**
 * The size of a task's ephemeral storage, where Docker's file system can hold a container to one: overlay
 * on XFS with project quotas, Btrfs, ZFS. Each container of the task may fill it. Elsewhere the disk is
 * the limit, which is said once.
 */
import type { Logger } from "../../../seams/logger.ts";
import { DriverError } from "../../errors.ts";

export type StorageInfo = {
  readonly Driver: string;
  readonly DriverStatus: readonly (readonly [string, string])[] | null;
};

export type StorageLimit = {
  /** Creates with the limit or, when the daemon refuses it, without. */
  within<T>(
    gibibytes: number | undefined,
    create: (options: Record<string, string> | undefined) => Promise<T>,
  ): Promise<T>;
};

export function storageLimit(info: () => Promise<StorageInfo>, logger: Logger): StorageLimit {
  let limits: Promise<boolean> | undefined;
  const sayUnlimited = (why: string): void => {
    logger.warn("tasks' ephemeral storage is limited by the disk only", { why });
    limits = Promise.resolve(false);
  };
  const find = async (): Promise<boolean> => {
    const { Driver, DriverStatus } = await info();
    const below = DriverStatus?.find(([name]) => name === "Backing Filesystem")?.[1];
    if (Driver === "btrfs" || Driver === "zfs" || below === "xfs") return true;
    sayUnlimited(`Docker's ${Driver} on ${below ?? "this file system"} takes no size`);
    return false;
  };
  return {
    async within(gibibytes, create) {
      limits ??= find();
      if (gibibytes === undefined || !(await limits)) return create(undefined);
      try {
        return await create({ size: `${gibibytes}G` });
      } catch (error) {
        if (!(error instanceof DriverError) || !/storage-?opt|quota/i.test(error.message))
          throw error;
        sayUnlimited(error.message);
        return create(undefined);
      }
    },
  };
}
