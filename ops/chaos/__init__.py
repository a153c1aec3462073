"""`make chaos`: shoppers buy while parts are killed and the gateway misbehaves; then everything is counted."""
