import { Inject, type InjectionToken } from '@nestjs/common';
import { WanPayService } from './wanpay.service.js';
import { DEFAULT_INSTANCE } from './wanpay.tokens.js';

/** The injection token of an instance's {@link WanPayService}; of the unnamed one, the class itself. */
export function getWanPayToken(name: string = DEFAULT_INSTANCE): InjectionToken<WanPayService> {
  return name === DEFAULT_INSTANCE ? WanPayService : `WanPayService:${name}`;
}

/** Injects the {@link WanPayService} of the named instance. */
export function InjectWanPay(name: string = DEFAULT_INSTANCE): ParameterDecorator & PropertyDecorator {
  return Inject(getWanPayToken(name));
}
