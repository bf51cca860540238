/**
 * A Content-Security-Policy that lets a page talk to itself and to the DSN's host, and to nobody else.
 *
 * The guard needs neither a worker nor an inline script. Scripts that the page gets from elsewhere have to be added.
 *
 * @param dsn - The DSN that the page will use; without one, nothing but the page's own origin may be reached.
 * @param backends - Back ends of other origins that the page calls.
 */
export function contentSecurityPolicy(dsn?: string, backends: readonly string[] = []): string {
  const reached = [dsn ?? "", ...backends].filter(Boolean).map((address) => ` ${new URL(address).origin}`);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${[...new Set(reached)].join("")}`,
    "worker-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}
