import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { GuardTrials } from './guard-trials.js';

/** Calls back at the outermost moments of the host's life: after everything has started, and before anything is destroyed. */
@Injectable()
export class HostLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly onStarted: (() => void)[] = [];
  private readonly onEnd: (() => Promise<void>)[] = [];

  /** Calls back once every module has started. To be called while the host starts. */
  whenStarted(callback: () => void): void {
    this.onStarted.push(callback);
  }

  /** Has something awaited when the host shuts down, before any of its modules is destroyed. */
  beforeDestroy(callback: () => Promise<void>): void {
    this.onEnd.push(callback);
  }

  onApplicationBootstrap(): void {
    for (const callback of this.onStarted) callback();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.onEnd.map((callback) => callback()));
  }
}

/**
 * Comes last when the host starts its modules, and first when it destroys them. Nest orders them by their distance from the
 * root, which it has worked out before it makes them; this one takes a smaller one than the root's.
 */
@Module({ providers: [HostLifecycle, GuardTrials], exports: [HostLifecycle, GuardTrials] })
export class HostLifecycleModule {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    const all = [...modules.values()];
    const own = all.find(({ metatype }) => metatype === HostLifecycleModule);
    if (own) own.distance = Math.min(0, ...all.map(({ distance }) => distance)) - 1;
  }
}
