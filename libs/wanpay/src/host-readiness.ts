import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HostLifecycle } from './host-lifecycle.module.js';

/** A host with an HTTP adapter that has not begun to listen so long after its start-up, such as one under test, never will. */
const PATIENCE_MS = 1000;
const LOOK_MS = 20;

interface Listening {
  readonly listening?: boolean;
}

/** Tells when the host is ready: all of its modules have started, and its server listens if it has one. */
@Injectable()
export class HostReadiness {
  private timer: NodeJS.Timeout | undefined;
  private callback: (() => void) | undefined;

  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(HostLifecycle) private readonly lifecycle: HostLifecycle,
  ) {
    this.#host = host;
  }

  /** Calls back once. To be called while the host starts. */
  whenReady(callback: () => void): void {
    this.callback = callback;
    this.lifecycle.whenStarted(() => {
      this.waitForServer();
    });
  }

  /** Whether the host has an HTTP server, which keeps its process alive. */
  get hasServer(): boolean {
    return serverOf(this.#host) !== undefined;
  }

  /** Calls back now, if it has not yet: the server of a host under test may never listen. */
  hurry(): void {
    clearTimeout(this.timer);
    const { callback } = this;
    this.callback = undefined;
    callback?.();
  }

  /** Calls back no more. */
  cancel(): void {
    this.callback = undefined;
    clearTimeout(this.timer);
  }

  private waitForServer(): void {
    const server = serverOf(this.#host);
    const giveUpAt = performance.now() + PATIENCE_MS;
    const look = (): void => {
      if (!this.callback) return;
      if (server && !this.#host.listening && !server.listening && performance.now() <= giveUpAt) {
        this.timer = setTimeout(look, LOOK_MS);
        return;
      }
      this.hurry();
    };
    this.timer = setTimeout(look, 0);
  }
}

/** Of a host without an adapter, such as a worker, there is none. */
function serverOf({ httpAdapter }: { readonly httpAdapter?: { getHttpServer(): unknown } }): Listening | undefined {
  const server = httpAdapter?.getHttpServer();
  return typeof server === 'object' && server !== null ? server : undefined;
}
