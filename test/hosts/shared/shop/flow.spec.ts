import { Test } from '@nestjs/testing';
import { orderPayNotify } from './flow';

it('takes an order to its handler', async () => {
  const line = await orderPayNotify(async (module) => {
    const testing = await Test.createTestingModule({ imports: [module] }).compile();
    return testing.createNestApplication({ logger: ['error'] });
  });
  expect(line).toBe('true success ORDER1 paid true 1');
});
