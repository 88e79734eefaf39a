import { applyDecorators, Controller, UseGuards, UseInterceptors, UsePipes, ValidationPipe } from '@nestjs/common';
import { instanceToPlain, plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { InvalidArgumentError } from '../errors.js';
import { ConsoleGuard } from '../http/console.guard.js';
import { ReadBodyInterceptor } from './read-body.interceptor.js';

const CHECK_INPUT = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  stopAtFirstError: true,
  // Nest would load them by name, and so from the host.
  validatorPackage: { validate },
  transformerPackage: { plainToInstance, classToPlain: instanceToPlain },
  exceptionFactory: ([first]) => {
    // The validator's own messages begin with the property's name, which the error puts there itself.
    const [problem = 'is not as it should be'] = Object.values(first?.constraints ?? {});
    const name = first?.property ?? 'The body';
    return new InvalidArgumentError(name, `${problem.replace(`${name} `, '').replace('property ', '')}.`);
  },
});

/** A controller of the control API: guarded, its input checked, its errors `{ code, message }`. */
export function ControlApi(path: string): ClassDecorator {
  return applyDecorators(
    Controller(`api/${path}`),
    UseGuards(ConsoleGuard),
    UseInterceptors(ReadBodyInterceptor),
    UsePipes(CHECK_INPUT),
  );
}
