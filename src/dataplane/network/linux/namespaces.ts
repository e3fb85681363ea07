/** Shell snippets for named namespaces. */

/**
 * Makes the namespace unless it is there. A name whose namespace was never attached, because its maker
 * was killed in between, is cleared away first.
 */
export const ensureNamespace = (name: string): string => `
if [ -e /run/netns/${name} ] && ! ip -n ${name} link show lo >/dev/null 2>&1; then
  ip netns del ${name}
fi
[ -e /run/netns/${name} ] || ip netns add ${name}`;

/**
 * Sets what a new namespace inherits from the host or has by default: no routing between its links
 * unless asked for, no IPv6, no check of where packets come from. Where packets are forwarded the rules
 * look at that; there `accept_local` spares each of them the kernel's own lookup of its source's route,
 * which `rp_filter` alone does not switch off where there are routing rules.
 */
export const settingsOf = (name: string, forwards: boolean): string => `
nsenter --net=/run/netns/${name} sh -c '
  cd /proc/sys/net/ipv4
  for of in all default; do
    echo 0 >conf/$of/rp_filter
    echo 0 >conf/$of/send_redirects
    echo 0 >conf/$of/accept_redirects
    echo ${forwards ? 1 : 0} >conf/$of/accept_local
    [ ! -e ../ipv6/conf ] || echo 1 >../ipv6/conf/$of/disable_ipv6
  done
  echo ${forwards ? 1 : 0} >ip_forward
'`;
