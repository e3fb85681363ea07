/** The state's schema over time: each entry takes the database one version up. */
import type { DatabaseSync } from "node:sqlite";

const steps: readonly string[] = [
  `CREATE TABLE records (
     collection TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL,
     PRIMARY KEY (collection, key)
   ) WITHOUT ROWID;
   CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
];

/** A state directory that a newer Neargate has written. */
export class NewerStateError extends Error {
  constructor(found: number, known: number) {
    super(
      `this state directory was written by a newer Neargate (schema ${found}, this one knows ${known}); ` +
        "use that version, or another --state-dir",
    );
    this.name = "NewerStateError";
  }
}

export function migrate(database: DatabaseSync): void {
  const version = database.prepare("PRAGMA user_version").get()?.["user_version"] as number;
  if (version > steps.length) throw new NewerStateError(version, steps.length);
  for (let at = version; at < steps.length; at++) {
    database.exec(`BEGIN; ${steps[at]} PRAGMA user_version = ${at + 1}; COMMIT;`);
  }
}
