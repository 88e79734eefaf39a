import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { DEFAULT_INSTANCE, INSTANCE, SETTINGS, type WanPayInstance } from './wanpay.tokens.js';

/** The methods under which an exemption from the global prefix takes in a notification, which is a POST. */
const POSTED = new Set([RequestMethod.ALL, RequestMethod.POST]);

/** Where an instance's notifications are received, below the host's global prefix, unless the host says otherwise. */
export function defaultNotificationPath(name = DEFAULT_INSTANCE): string {
  return name === DEFAULT_INSTANCE ? 'wanpay/notifications' : `wanpay/${name}/notifications`;
}

/** Where the platform is told to send an instance's notifications. */
@Injectable()
export class NotificationAddress {
  constructor(
    @Inject(INSTANCE) private readonly instance: Pick<WanPayInstance, 'path'>,
    @Inject(SETTINGS) private readonly settings: { readonly publicUrl?: string; readonly notificationUrl?: string },
    @Inject(ApplicationConfig) private readonly host: ApplicationConfig,
  ) {}

  /** The address, from the host's global prefix as it is now; undefined when the host's public address is not known. */
  url(): string | undefined {
    const { publicUrl, notificationUrl } = this.settings;
    if (notificationUrl) return notificationUrl;
    if (!publicUrl) return undefined;
    return [publicUrl, this.globalPrefix(), this.instance.path]
      .map((part) => part.replace(/^\/+|\/+$/g, ''))
      .filter(Boolean)
      .join('/');
  }

  private globalPrefix(): string {
    const excluded = this.host.getGlobalPrefixOptions().exclude ?? [];
    const path = `/${this.instance.path.replace(/^\/+/, '')}`;
    const isExempt = excluded.some(({ pathRegex, requestMethod }) => POSTED.has(requestMethod) && pathRegex.test(path));
    return isExempt ? '' : this.host.getGlobalPrefix();
  }
}
