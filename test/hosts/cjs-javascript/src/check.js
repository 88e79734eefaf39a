require('reflect-metadata');
const { NestFactory } = require('@nestjs/core');
const { orderPayNotify } = require('./flow');

void orderPayNotify((module) => NestFactory.create(module, { logger: ['error'] })).then(console.log);
