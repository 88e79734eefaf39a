import { type CanActivate, type ExecutionContext, HttpException, Injectable, Logger } from '@nestjs/common';
import { type IncomingNotification, readBody } from './body.js';
import { NotificationRefusedError } from './errors.js';
import { NotificationVerifier, type VerifiedNotification } from './verifier.js';

/** A request that passed the guard carries what was verified. */
export interface VerifiedRequest extends IncomingNotification {
  wanpayNotification?: VerifiedNotification;
}

/** Lets a notification through only when its signature holds; everything else gets a 4xx and is not recorded. */
@Injectable()
export class NotificationGuard implements CanActivate {
  private readonly logger = new Logger('WanPayNotifications');

  constructor(private readonly verifier: NotificationVerifier) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<VerifiedRequest>();
    // Asked for before the body is read: Express can't tell it of a request that was given up or broke off meanwhile.
    const source = request.ip;
    try {
      request.wanpayNotification = await this.verifier.verify(await readBody(request), source);
      return true;
    } catch (error) {
      if (!(error instanceof NotificationRefusedError)) throw error;
      this.logger.warn(`A notification from ${source ?? 'an unknown address'} was refused: ${error.message}`);
      throw toHttpException(error);
    }
  }
}

/** What the sender of a refused notification is told. */
export function toHttpException(error: NotificationRefusedError): HttpException {
  const { httpStatus, reason, message } = error;
  return new HttpException({ statusCode: httpStatus, error: reason, message }, httpStatus, { cause: error });
}
