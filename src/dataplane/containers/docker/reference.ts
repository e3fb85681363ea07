/** A reference as the API wants it: repository and tag or digest apart. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const digestAt = reference.indexOf("@");
  const tagAt = reference.lastIndexOf(":");
  const tagged = digestAt < 0 && tagAt > reference.lastIndexOf("/");
  if (digestAt >= 0) {
    const { repository } = splitReference(reference.slice(0, digestAt));
    return { repository, tag: reference.slice(digestAt + 1) };
  }
  if (tagged) return { repository: reference.slice(0, tagAt), tag: reference.slice(tagAt + 1) };
  return { repository: reference, tag: "latest" };
}
