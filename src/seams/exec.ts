/** Running other programs; the only place that starts a process. */
import { type ChildProcess, spawn } from "node:child_process";

export type ExecResult = { code: number; stdout: string; stderr: string };

export type ExecOptions = {
  /** Given to the program on its standard input. */
  input?: string;
  env?: Readonly<Record<string, string>>;
  /** Wall milliseconds after which the program is killed and the call rejects. */
  timeoutMs?: number;
};

export type Exec = {
  /** Runs to the end; a non-zero exit is a result, not a rejection. Rejects if it cannot start. */
  run(program: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a program that goes on after this call, its standard streams as pipes. */
  start(program: string, args: readonly string[], options?: StartOptions): ChildProcess;
};

export type StartOptions = {
  env?: Readonly<Record<string, string>>;
  /** In a session of its own, so that it outlives this process. */
  detached?: boolean;
  /** Standard output and error: a pipe (default), nothing, or an open file descriptor. */
  output?: "pipe" | "ignore" | number;
  /** Standard error, when it goes elsewhere than standard output. */
  errors?: "pipe" | "ignore" | "inherit" | number;
};

export function processExec(): Exec {
  return {
    run(program, args, options = {}) {
      return new Promise((resolve, reject) => {
        const child = spawn(program, args, {
          env: options.env ? { ...process.env, ...options.env } : process.env,
          stdio: ["pipe", "pipe", "pipe"],
          timeout: options.timeoutMs,
          killSignal: "SIGKILL",
        });
        let stdout = "";
        let stderr = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        // A program that exits without reading its input closes the pipe under us (EPIPE).
        child.stdin.on("error", () => {});
        child.on("error", reject);
        child.on("close", (code, signal) => {
          if (signal) reject(new Error(`${program} was killed by ${signal}: ${stderr.trim()}`));
          else resolve({ code: code ?? -1, stdout, stderr });
        });
        child.stdin.end(options.input ?? "");
      });
    },
    start(program, args, options = {}) {
      const output = options.output ?? "pipe";
      return spawn(program, args, {
        env: options.env ? { ...process.env, ...options.env } : process.env,
        detached: options.detached ?? false,
        stdio: [output === "pipe" ? "pipe" : "ignore", output, options.errors ?? output],
      });
    },
  };
}
