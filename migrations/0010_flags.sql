DROP TABLE "account_risks";--> statement-breakpoint
CREATE INDEX "flags_resolved" ON "flags" USING btree ("resolved_at") WHERE state <> 'open';--> statement-breakpoint
CREATE INDEX "account_effects_flag" ON "account_effects" USING btree ("flag_id");