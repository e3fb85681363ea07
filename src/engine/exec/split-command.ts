/**
 * The words of a command as the agent splits it: quotes and backslashes as a shell has them, a comment
 * after `#`, and nothing else of a shell. Whoever wants a pipe asks for `/bin/sh -c "…"`.
 */

export type SplitCommand =
  | { readonly type: "words"; readonly words: readonly string[] }
  | { readonly type: "unfinished"; readonly reason: string };

export function splitCommand(command: string): SplitCommand {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < command.length; at++) {
    const character = command[at] ?? "";
    if (quote === undefined && /[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && character === "#" && word === undefined) {
      const end = command.indexOf("\n", at);
      at = end < 0 ? command.length : end;
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= "";
    } else if (character === "\\" && quote !== "'") {
      at += 1;
      const escaped = command[at];
      if (escaped === undefined) return unfinished("EOF found after escape character");
      word = (word ?? "") + escaped;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) return unfinished("EOF found when expecting closing quote");
  if (word !== undefined) words.push(word);
  return { type: "words", words };
}

const unfinished = (reason: string): SplitCommand => ({ type: "unfinished", reason });
