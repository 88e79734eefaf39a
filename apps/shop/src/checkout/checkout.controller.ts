import { Body, Controller, Get, HttpStatus, Param, Post, Redirect } from '@nestjs/common';
import { createOrderNo } from 'nestjs-wanpay/protocol';
import { Catalogue, type Item } from '../catalogue/catalogue.js';
import { Problem } from '../pages/problem.js';
import { RequestLanguage } from '../pages/request-language.js';
import type { Language } from '../payment-page/language.js';
import { Checkout } from './checkout.js';
import { CheckoutForm } from './checkout.form.js';
import { checkoutPage } from './checkout.page.js';
import { toCustomerProblem } from './problems.js';

/** Where an item is ordered. */
@Controller('checkout/:itemId')
export class CheckoutController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly checkout: Checkout,
  ) {}

  @Get()
  show(@Param('itemId') itemId: string, @RequestLanguage() language: Language): string {
    return checkoutPage({ item: this.itemOrNotFound(itemId), orderNo: createOrderNo(new Date()) }, language);
  }

  @Post()
  @Redirect()
  async order(
    @Param('itemId') itemId: string,
    @Body() form: CheckoutForm,
  ): Promise<{ url: string; statusCode: number }> {
    const item = this.itemOrNotFound(itemId);
    const { orderNo, quantity, recipient } = form;
    try {
      await this.checkout.placeOrder({ orderNo, item, quantity, recipient });
    } catch (error) {
      throw toCustomerProblem(error);
    }
    return { url: `/orders/${orderNo}`, statusCode: 303 };
  }

  private itemOrNotFound(itemId: string): Item {
    const item = this.catalogue.find(itemId);
    if (item) return item;
    throw new Problem(HttpStatus.NOT_FOUND, [{ chinese: '沒有這項商品。', english: 'There is no such item.' }]);
  }
}
