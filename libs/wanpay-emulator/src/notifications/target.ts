/** Where a notification of an order is posted to, when it may be another address than the order's own `backurl`. */
export function targetOf(notificationUrl: string, target: URL | undefined): string {
  if (!target) return notificationUrl;
  if (target.pathname !== '/' || target.search !== '' || !URL.canParse(notificationUrl)) return target.href;
  const { pathname, search } = new URL(notificationUrl);
  return new URL(pathname + search, target).href;
}
