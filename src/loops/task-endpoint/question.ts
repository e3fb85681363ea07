/** What a task asks of its endpoint, and what it gets. */

export type Question = { readonly method: string; readonly path: string; readonly body: string };

export type Answer = { readonly status: number; readonly body: unknown };
