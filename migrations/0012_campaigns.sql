CREATE TABLE "campaigns" (
	"id" text PRIMARY KEY NOT NULL,
	"same_key" text NOT NULL,
	"sketch" integer[] NOT NULL,
	"bands" integer[] NOT NULL,
	"founded_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "campaigns_bands" ON "campaigns" USING gin ("bands");