import { expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { locateStatements } from "./policy-positions.ts";

const at = (line: number, column: number) => ({ line, column });

// The positions are those that AWS's documentation and answers tell of these texts.
it("a statement without a list: from its brace on", () => {
  const text =
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",' +
    '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}';
  expect(locateStatements(text)).toEqual([{ start: at(1, 38), end: at(1, 167) }]);
});

it("statements of a list, over lines: each from where the one before ends", () => {
  const text = [
    "{",
    '  "Version": "2012-10-17",',
    '  "Statement": [',
    "    {",
    '      "Effect": "Allow",',
    '      "Action": "*",',
    '      "Resource": "*"',
    "    },",
    '    { "Sid": "a}]\\"", "Effect": "Deny", "Action": ["s3:*"], "Resource": "*" }',
    "  ]",
    "}",
  ].join("\n");
  expect(locateStatements(text)).toEqual([
    { start: at(3, 17), end: at(8, 6) },
    { start: at(8, 6), end: at(9, 78) },
  ]);
});

it("any list of statements, printed in any way: as many, one after the other", () => {
  const statement = fc.record({
    Effect: fc.constant("Allow"),
    Sid: fc.string(),
    Condition: fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.array(fc.string()))),
  });
  fc.assert(
    fc.property(fc.array(statement), fc.nat(4), (Statement, indent) => {
      const text = JSON.stringify(
        { Id: "Statement", Statement, Version: "2012-10-17" },
        null,
        indent,
      );
      const spans = locateStatements(text);
      expect(spans).toHaveLength(Statement.length);
      const lines = text.split("\n");
      for (const { end } of spans) expect(lines[end.line - 1]?.[end.column - 2]).toBe("}");
    }),
  );
});
