require('reflect-metadata');
const { equal } = require('node:assert/strict');
const { it } = require('node:test');
const { Test } = require('@nestjs/testing');
const { orderPayNotify } = require('./flow');

void it('takes an order to its handler', async () => {
  const line = await orderPayNotify(async (module) => {
    const testing = await Test.createTestingModule({ imports: [module] }).compile();
    return testing.createNestApplication({ logger: ['error'] });
  });
  equal(line, 'true success ORDER1 paid true 1');
});
