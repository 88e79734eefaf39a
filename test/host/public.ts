import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

/** Exempts a route from the {@link LoginGuard}, as in Nest's own documentation. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata('isPublic', true);

/** Lets nobody in but where a route is public, over HTTP, GraphQL and messages. */
@Injectable()
export class LoginGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>('isPublic', targets) ?? false;
  }
}
