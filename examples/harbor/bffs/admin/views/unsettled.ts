import { keyBy, money, t, view } from "frontdesk";
import { backoffice } from "frontdesk/services";
import { settled } from "../shapes/order.ts";

export default view("GET /admin/v1/reports/unsettled", {
  summary: "Orders of a page of the ledger whose payments do not cover them",
  input: { page: t.integer().min(1).max(10000).default(1) },
  // Nobody looks at a report while it is made: it gives way to every screen, and two at once are enough.
  priority: "background",
  bulkhead: 2,
  budget: { latency: "2s", payload: "48KB" },

  load: ({ page }, { session: { locale } }) => {
    const orders = backoffice.listOrders({ page, pageSize: 100 });
    const payments = backoffice.listPayments({ orderIds: orders.items.map((order) => order.id), pageSize: 500 });
    const customers = backoffice.listCustomers(
      { ids: orders.items.map((order) => order.customerId), pageSize: 500 },
      { within: "400ms", optional: true },
    );
    const customer = keyBy(customers?.items ?? [], (row) => row.id);
    const unsettled = orders.items.filter(
      (order) => !settled(payments.items.filter((payment) => payment.orderId === order.id), order.totalMinor),
    );
    return {
      page: orders.page,
      looked: orders.items.length,
      orders: unsettled.slice(0, 100).map(({ id, status, customerId, totalMinor, currency }) => ({
        id,
        status,
        customerId,
        customer: customer[customerId]?.name ?? null,
        total: money(totalMinor, currency, locale),
      })),
    };
  },
});
