/** What a listener does with a request, as HAProxy's rules. */
import type { BalancerPlan, ListenerPlan } from "../../../model/edge-plan.ts";
import type { Action, ForwardTarget } from "../../../model/load-balancing.ts";
import { failOpenBackend, groupBackend } from "./names.ts";
import { formatWord, page, serverHeader, when, word } from "./text.ts";

/**
 * The rules of one listener. `only` is the condition under which they apply, where a frontend serves
 * several listeners. A forwarded request's backend is left in `txn.backend`.
 */
export function listenerRules(
  balancer: BalancerPlan,
  listener: ListenerPlan,
  only: string | undefined,
): string[] {
  return [
    `http-request deny deny_status 405${when(only, "METH_TRACE")}`,
    ...headerRules(balancer, listener, only),
    ...actionRules(listener, only),
  ];
}

function headerRules(
  balancer: BalancerPlan,
  listener: ListenerPlan,
  only: string | undefined,
): string[] {
  const traced = "{ req.hdr(x-amzn-trace-id) -m sub Root= }";
  // An incoming trace goes on: its root stays, its Self is replaced by this balancer's.
  const continued = '"Self=%[unique-id];%[req.hdr(x-amzn-trace-id),regsub(Self=[^;]*;*,)]"';
  const dropInvalid = `http-request del-header [^-A-Za-z0-9] -m reg${when(only)}`;
  return [
    ...(balancer.dropInvalidHeaders ? [dropInvalid] : []),
    ...forwardedForRules(balancer, only),
    `http-request set-header X-Forwarded-Proto http${when(only)}`,
    `http-request set-header X-Forwarded-Port ${listener.port}${when(only)}`,
    `http-request set-header X-Amzn-Trace-Id ${continued}${when(only, traced)}`,
    `http-request set-header X-Amzn-Trace-Id Root=%[unique-id]${when(only, `!${traced}`)}`,
  ];
}

function forwardedForRules(balancer: BalancerPlan, only: string | undefined): string[] {
  const client = balancer.forwardedClientPort ? "%[src]:%[src_port]" : "%[src]";
  const present = "{ req.fhdr(x-forwarded-for) -m found }";
  const all = '"%[req.fhdr(x-forwarded-for)], ';
  switch (balancer.forwardedFor) {
    case "preserve":
      return [];
    case "remove":
      return [`http-request del-header X-Forwarded-For${when(only)}`];
    case "append":
      return [
        `http-request set-header X-Forwarded-For ${all}${client}"${when(only, present)}`,
        `http-request set-header X-Forwarded-For ${client}${when(only, `!${present}`)}`,
      ];
  }
}

function actionRules({ defaultAction, port }: ListenerPlan, only: string | undefined): string[] {
  switch (defaultAction.type) {
    case "forward":
      return forwardRules(defaultAction.targets, only);
    case "redirect":
      return redirectRules(defaultAction, port, only);
    case "fixed-response":
      return [fixedResponseRule(defaultAction, only)];
  }
}

function forwardRules(targets: readonly ForwardTarget[], only: string | undefined): string[] {
  const chosen = targets.filter((target) => target.weight > 0);
  return [
    ...chooseRules(chosen, only),
    ...chosen.flatMap(({ targetGroupArn }) => failOpenRules(targetGroupArn, only)),
    // No group with a weight, or none of its targets takes requests.
    `http-request deny deny_status 503${when(only, "!{ var(txn.backend) -m found }")}`,
  ];
}

/** Sets `txn.backend`, by chance in proportion to the weights where there are several groups. */
function chooseRules(chosen: readonly ForwardTarget[], only: string | undefined): string[] {
  const total = chosen.reduce((sum, target) => sum + target.weight, 0);
  let below = 0;
  const choices = chosen.map(({ targetGroupArn, weight }) => {
    below += weight;
    const drawn =
      chosen.length > 1
        ? `!{ var(txn.backend) -m found } { var(txn.draw) -m int lt ${below} }`
        : undefined;
    return `http-request set-var(txn.backend) str(${groupBackend(targetGroupArn)})${when(only, drawn)}`;
  });
  return chosen.length > 1
    ? [`http-request set-var(txn.draw) rand(${total})${when(only)}`, ...choices]
    : choices;
}

/**
 * A group none of whose targets passes its checks gets requests all the same; one that has no target
 * taking requests at all answers 503. A process that is being replaced counts its servers as none, so
 * there the question is not asked.
 */
function failOpenRules(targetGroupArn: string, only: string | undefined): string[] {
  const group = groupBackend(targetGroupArn);
  const open = failOpenBackend(targetGroupArn);
  const isChosen = `{ var(txn.backend) -m str ${group} } !{ stopping } { nbsrv(${group}) eq 0 }`;
  return [
    `http-request deny deny_status 503${when(only, isChosen, `{ nbsrv(${open}) eq 0 }`)}`,
    `http-request set-var(txn.backend) str(${open})${when(only, isChosen)}`,
  ];
}

type Redirect = Extract<Action, { type: "redirect" }>;

function redirectRules(action: Redirect, port: number, only: string | undefined): string[] {
  const status = action.statusCode === "HTTP_301" ? 301 : 302;
  const fill = (template: string): string => fillTemplate(template, port);
  const base = `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}`;
  const answer = (location: string, condition: string | undefined): string =>
    `http-request return status ${status} content-type text/html string ${word(page(status))} ` +
    `hdr Location ${location} ${serverHeader}${when(only, condition)}`;
  if (action.query === "") return [answer(base, undefined)];
  // An empty query would leave a bare question mark.
  const full = answer(`${base}\\x3f${fill(action.query)}`, undefined);
  if (action.query !== "#{query}") return [full];
  return [answer(base, "!{ query -m reg . }"), full];
}

/** `#{host}` and its like filled in from the request; the rest taken literally. */
function fillTemplate(template: string, port: number): string {
  const values: Readonly<Record<string, string>> = {
    protocol: "http",
    host: "%[req.hdr(host),field(1,:)]",
    port: String(port),
    path: "%[path,bytes(1)]",
    query: "%[query]",
  };
  return template
    .split(/(#\{[a-z]+\})/)
    .map((part) => values[/^#\{([a-z]+)\}$/.exec(part)?.[1] ?? ""] ?? formatWord(part))
    .join("");
}

function fixedResponseRule(
  action: Extract<Action, { type: "fixed-response" }>,
  only: string | undefined,
): string {
  const body =
    action.messageBody === undefined
      ? ""
      : ` content-type ${action.contentType ?? "text/plain"} string ${word(action.messageBody)}`;
  return `http-request return status ${action.statusCode}${body} ${serverHeader}${when(only)}`;
}
