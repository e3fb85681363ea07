/** Where in an input a member is. */

/** From the input down to a member: members and, counted from 1, elements of lists or keys of maps. */
export type MemberPath = readonly PathStep[];
export type PathStep = { readonly name: string; readonly inputName: string } | number | string;

/** `containerDefinitions.1.name` */
export function printPath(path: MemberPath): string {
  return path.map((step) => (typeof step === "object" ? step.name : step)).join(".");
}
