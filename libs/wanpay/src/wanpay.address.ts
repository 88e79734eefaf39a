import type { ApplicationConfig } from '@nestjs/core';

/** Where the platform is told to send an instance's notifications. */
export class NotificationAddress {
  constructor(
    private readonly path: string,
    private readonly settings: { readonly publicUrl?: string; readonly notificationUrl?: string },
    private readonly host: ApplicationConfig,
  ) {}

  /** The address, from the host's global prefix as it is now; undefined when the host's public address is not known. */
  url(): string | undefined {
    const { publicUrl, notificationUrl } = this.settings;
    if (notificationUrl) return notificationUrl;
    if (!publicUrl) return undefined;
    return [publicUrl, this.globalPrefix(), this.path]
      .map((part) => part.replace(/^\/+|\/+$/g, ''))
      .filter(Boolean)
      .join('/');
  }

  private globalPrefix(): string {
    const excluded = this.host.getGlobalPrefixOptions().exclude ?? [];
    const path = `/${this.path.replace(/^\/+/, '')}`;
    return excluded.some(({ pathRegex }) => pathRegex.test(path)) ? '' : this.host.getGlobalPrefix();
  }
}
