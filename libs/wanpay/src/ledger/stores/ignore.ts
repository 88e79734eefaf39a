/** For what may fail without anybody being the worse for it. */
export function ignore(): void {
  // Nothing to do.
}
