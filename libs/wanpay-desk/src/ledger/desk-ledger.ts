import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { getWanPayToken, type WanPayService } from 'nestjs-wanpay';
import { DESK_INSTANCE } from '../desk.options.js';
import { WanPayDeskConfigurationError } from '../errors.js';

/** Finds the service of the instance that the desk is about, wherever in the host its module is imported. */
@Injectable()
export class DeskLedger implements OnModuleInit {
  private found: WanPayService | undefined;

  constructor(
    @Inject(ModuleRef) private readonly modules: ModuleRef,
    /** The name of the instance; absent for the unnamed one. */
    @Inject(DESK_INSTANCE) readonly instance: string | undefined,
  ) {}

  /** @throws WanPayDeskConfigurationError when the host has no such instance */
  onModuleInit(): void {
    try {
      this.found = this.modules.get(getWanPayToken(this.instance), { strict: false });
    } catch (cause) {
      const name = this.instance === undefined ? 'WanPayModule' : `WanPayModule named '${this.instance}'`;
      throw new WanPayDeskConfigurationError(
        `The desk finds no ${name}: import it, or say which one with \`instance\`.`,
        {
          cause,
        },
      );
    }
  }

  get wanpay(): WanPayService {
    if (this.found) return this.found;
    throw new WanPayDeskConfigurationError('The desk was asked before its host was ready.');
  }
}
