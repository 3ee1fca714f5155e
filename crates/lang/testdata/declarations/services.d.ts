// Written by `frontdesk` from the schemas of the services. Editors and `tsc` read it; nothing runs it.

declare module "frontdesk/services" {
  import type { CallOptions as $Options, Result as $Result } from "frontdesk";

  /** The services of this workspace, by name. */
  export type ServiceName = "shop" | "basket" | "legacy";

  /** Shop */
  export namespace shop {
    /**
     * One product.
     *
     * With all its fields.
     */
    export function getProduct<O extends $Options<Product> = {}>(
      args: { id: string },
      options?: O,
    ): $Result<Product, O>;
    function delete$<O extends $Options<null> = {}>(args: { id: string }, options?: O): $Result<null, O>;
    export function listProducts<O extends $Options<Product[]> = {}>(
      args?: { limit?: number; sort?: "best" | "newest"; xClient?: string },
      options?: O,
    ): $Result<Product[], O>;
    /** @deprecated by the service. */
    export function createProduct<O extends $Options<Product> = {}>(
      args: { title: string; price?: Money },
      options?: O,
    ): $Result<Product, O>;
    export function batchGetProducts<O extends $Options<{ items: Product[] }> = {}>(
      args: { ids: string[] },
      options?: O,
    ): $Result<{ items: Product[] }, O>;
    export function listCategories<O extends $Options<Category[]> = {}>(args?: {}, options?: O): $Result<Category[], O>;
    export function getOdd<O extends $Options<OddV1Thing> = {}>(args?: {}, options?: O): $Result<OddV1Thing, O>;
    /** What can be bought. */
    export type Product = {
      id: string;
      /** As customers see it. */
      title: string;
      subtitle?: string;
      imageUrl?: string | null;
      price: Money;
      tags: string[];
      state: "new" | "used";
      weight?: number;
      views?: number;
      labels?: { [key: string]: string };
    };
    export type Money = {
      minor: number;
      currency: string;
    };
    export type Category = {
      name: string;
      children: Category[];
      parent?: Category;
    };
    export type OddV1Thing = {
      "a-b": string;
      "1st": number;
      class: String;
      shape?: Shape;
      rest?: { known?: number; [key: string]: string | number | undefined };
      anything?: unknown;
    };
    export type String = string;
    export type Shape = Circle | Square;
    export type Circle = {
      kind: "circle";
      radius: number;
    };
    export type Square = {
      kind: "square";
      side: number;
    };
    export { delete$ as delete };
  }

  export namespace basket {
    export function getBasket<O extends $Options<Basket> = {}>(
      args?: { basketId?: string },
      options?: O,
    ): $Result<Basket, O>;
    export function addLine<O extends $Options<Basket> = {}>(
      args?: { basketId?: string; productId?: string; quantity?: number; note?: string },
      options?: O,
    ): $Result<Basket, O>;
    export type Basket = {
      id: string;
      lines: Line[];
      /** Counts up with each change. */
      version: string;
      coupon?: string;
      totals: { [key: string]: string };
      state: State;
      company?: string;
      person?: Person;
    };
    export type Line = {
      id: string;
      productId: string;
      quantity: number;
      gift: boolean;
    };
    export type State = "OPEN" | "CLOSED";
    export type Person = {
      name: string;
    };
  }

  export namespace legacy {
    type getThing$Result = {
      id: string;
      size: number;
      tags: string[];
      owner: null;
      parts: { name: string; count?: number }[];
    };
    export function getThing<O extends $Options<getThing$Result> = {}>(
      args: { id: string | number },
      options?: O,
    ): $Result<getThing$Result, O>;
  }
}
