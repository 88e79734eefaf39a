import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { WanPayConfigurationError } from './wanpay.settings.js';
import { INSTANCE, type WanPayInstance } from './wanpay.tokens.js';

/** Refuses to start a host in which two instances share a name or a path: one would answer for the other's payments. */
@Injectable()
export class InstanceCheck implements OnModuleInit {
  readonly #modules: ModulesContainer;

  constructor(
    @Inject(INSTANCE) private readonly own: WanPayInstance,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    this.#modules = modules;
  }

  /** Whether it falls to this instance to say what is said once for all of them. */
  get isFirst(): boolean {
    return this.all()[0] === this.own;
  }

  /** Every instance of the application, in the order in which Nest found them. */
  all(): readonly WanPayInstance[] {
    return [...this.#modules.values()].flatMap((module) => {
      const instance: unknown = module.providers.get(INSTANCE)?.instance;
      return isInstance(instance) ? [instance] : [];
    });
  }

  /** @throws WanPayConfigurationError */
  onModuleInit(): void {
    const others = this.all().filter((instance) => instance !== this.own);
    const problems = [
      ...(others.some(({ name }) => name === this.own.name) ? [this.nameProblem()] : []),
      ...(others.some((other) => receivesWhere(other, this.own)) ? [this.pathProblem()] : []),
    ];
    if (problems.length > 0) throw new WanPayConfigurationError(problems);
  }

  private nameProblem(): string {
    return (
      `name is used twice: WanPayModule is imported more than once as "${this.own.name}". Import it once, with isGlobal or ` +
      'from a module that exports it; or give each instance a name of its own.'
    );
  }

  private pathProblem(): string {
    return `notificationPath is used twice: two instances receive notifications at "${this.own.path}".`;
  }
}

function receivesWhere(one: WanPayInstance, other: WanPayInstance): boolean {
  return Boolean(one.controller && other.controller) && normalise(one.path) === normalise(other.path);
}

function normalise(path: string): string {
  return path.replace(/^\/+|\/+$/g, '').toLowerCase();
}

function isInstance(value: unknown): value is WanPayInstance {
  return typeof value === 'object' && value !== null && 'name' in value && 'path' in value;
}
