"""What it takes to deal with us: days waited, messages, returns, time and steps by stage, where people leave."""
