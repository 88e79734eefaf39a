import { Inject, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { Args, Field, GraphQLModule, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WanPayService } from 'nestjs-wanpay';
import { RecordingHandler } from '../e2e/recording-handler.js';
import type { Findings, HostRun } from './host-run.js';
import { LoginGuard, Public } from './public.js';

@ObjectType()
class Account {
  @Field(() => String)
  number!: string;

  @Field(() => String)
  bankCode!: string;
}

@Public()
@Resolver(() => Account)
class CheckoutResolver {
  constructor(@Inject(WanPayService) private readonly wanpay: WanPayService) {}

  @Query(() => String, { nullable: true })
  async state(@Args('orderNo', { type: () => String }) orderNo: string): Promise<string | undefined> {
    return (await this.wanpay.getPayment(orderNo))?.state;
  }

  @Mutation(() => Account)
  async buy(
    @Args('orderNo', { type: () => String }) orderNo: string,
    @Args('amount', { type: () => Int }) amount: number,
  ): Promise<Account> {
    return (await this.wanpay.createPayment({ orderNo, amount })).account;
  }
}

@Module({})
class GraphqlHostModule {}

/** A Fastify host that speaks GraphQL, without a body parser of Nest's, behind a login. */
export async function graphql(run: HostRun): Promise<Findings> {
  const module = {
    module: GraphqlHostModule,
    imports: [
      run.wanpay({ notificationDecorators: [Public()] }),
      GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, autoSchemaFile: true }),
    ],
    providers: [RecordingHandler, CheckoutResolver, { provide: APP_GUARD, useClass: LoginGuard }],
  };
  const app = run.opens(await NestFactory.create(module, new FastifyAdapter(), { logger: run.log, bodyParser: false }));
  await app.listen(run.port, '127.0.0.1');
  const ask = async (query: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${run.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return reply.json();
  };
  const opened = await ask('mutation { buy(orderNo: "G1", amount: 50) { number bankCode } }');
  await run.emulator.pay('G1');
  await run.settled(app, 'G1');
  const asked = await ask('{ state(orderNo: "G1") }');
  return { opened, asked, answers: run.answers('G1'), warnings: run.warnings };
}
