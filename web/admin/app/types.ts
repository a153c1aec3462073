/** The staff's words of the API, straight from its schema. */
import type { components } from "@noirel/shared/api/schema";

type Schemas = components["schemas"];
export type Address = Schemas["Address"];
export type AdminDrop = Schemas["AdminDrop"];
export type AdminDropEntry = Schemas["AdminEntry"];
export type AdminOrder = Schemas["AdminOrder"];
export type AdminOrderCard = Schemas["AdminOrderCard"];
export type AdminProduct = Schemas["AdminProduct"];
export type AdminProductCard = Schemas["AdminProductCard"];
export type Desk = Schemas["Desk"];
export type DeskAct = Schemas["DeskAct"];
export type DeskItem = Schemas["DeskItem"];
export type InventoryRow = Schemas["InventoryRow"];
export type Money = Schemas["Money"];
export type Movement = Schemas["Movement"];
export type Picture = Schemas["Picture"];
export type AuditRun = Schemas["AuditRun"];
export type OrderBooks = Schemas["OrderBooks"];
export type Reconciliation = Schemas["Reconciliation"];
export type Settlement = Schemas["Settlement"];
export type Summary = Schemas["AnalyticsSummary"];
export type User = Schemas["User"];
export type WebhookEvent = Schemas["WebhookEvent"];
export type WebhookEventWhole = Schemas["WebhookEventWhole"];
export type OutboxEvent = Schemas["OutboxEvent"];
export type OutboxEventWhole = Schemas["OutboxEventWhole"];
