ALTER TABLE "flags" ADD COLUMN "follow_from" text;--> statement-breakpoint
CREATE INDEX "flags_follow" ON "flags" USING btree ("resolved_at") WHERE follow_from is not null;