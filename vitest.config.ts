import { defineConfig } from "vitest/config";

/**
 * Limits of time are there to end what hangs. They are wide: the layers run side by side, on as
 * little as two processors.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/scenarios/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "simulated",
          include: ["test/live/simulated/*.live.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "live",
          include: ["test/live/*.live.test.ts"],
          // One at a time: they share the host's ports, namespaces and two processors.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
