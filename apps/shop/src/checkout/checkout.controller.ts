import { Body, Controller, Get, NotFoundException, Param, Post, Redirect } from '@nestjs/common';
import { createOrderNo } from 'nestjs-wanpay/protocol';
import { Catalogue, type Item } from '../catalogue/catalogue.js';
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
  show(@Param('itemId') itemId: string): string {
    return checkoutPage(this.itemOrNotFound(itemId), createOrderNo(new Date()));
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
    if (!item) throw new NotFoundException('沒有這項商品 There is no such item.');
    return item;
  }
}
