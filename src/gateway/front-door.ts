/**
 * Which requests come in at all. The engine has much power over this machine, so a web page must not
 * reach it: neither by a name that it lets resolve to a loopback address (the Host tells) nor by
 * posting across origins (Origin and Sec-Fetch-Site tell).
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { taskEndpointAddress } from "../model/task-endpoint.ts";
import { headerOf } from "./request.ts";

// Clients call the engine by one name nearly always.
let lastOurs = { told: "", boundHost: "" };

/** Why a request is refused, in a sentence; undefined when it may come in. */
export function explainRefusedHost(
  headers: IncomingHttpHeaders,
  boundHost: string,
): string | undefined {
  const told = headerOf(headers, "host") ?? "";
  if (told === lastOurs.told && boundHost === lastOurs.boundHost) return undefined;
  const host = hostName(told);
  if (isOurs(host, boundHost)) {
    lastOurs = { told, boundHost };
    return undefined;
  }
  return `Host '${host}' is neither a loopback name nor one of AWS's`;
}

/** Whether a request names two hosts, of which proxies and servers may believe different ones. */
export function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts > 1;
}

export function explainRefusedOrigin(headers: IncomingHttpHeaders): string | undefined {
  const site = headerOf(headers, "sec-fetch-site");
  if (site === "cross-site" || site === "same-site") return "The request comes from another site";
  const origin = headerOf(headers, "origin");
  if (origin === undefined) return undefined;
  const host = headerOf(headers, "host") ?? "";
  if (isLocal(hostName(host)) && origin === `http://${host}`) return undefined;
  return `Origin '${origin}' is not this engine's`;
}

/** Without the port and, for an IPv6 address, the brackets; lower case. */
function hostName(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host.toLowerCase());
  return (match?.[1] ?? match?.[2] ?? "").replace(/\.$/, "");
}

function isOurs(host: string, boundHost: string): boolean {
  if (isLocal(host) || host === boundHost.toLowerCase()) return true;
  // What tasks call it: a literal address that no page's name can be made to lead to.
  if (host === taskEndpointAddress) return true;
  // `api.aws` is the domain of endpoints that have IPv6 too.
  if (/^(?:.+\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.test(host)) return true;
  // Bound to every address: any of them may be used, and a literal address is no rebound name.
  const bindsAll = boundHost === "0.0.0.0" || boundHost === "::";
  return bindsAll && isIP(host) !== 0;
}

const isLocal = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || host === "::1" || isLoopbackV4(host);

const isLoopbackV4 = (host: string): boolean => host.startsWith("127.") && isIP(host) === 4;
